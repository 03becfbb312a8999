"""Circular velocities against numbers of 50-digit arithmetic, limits known in closed form, and galpy."""

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import minimize_scalar

from curvae.galaxies import rotation
from curvae.galaxies.halo_profiles import PROFILES, burkert_mass, nfw_mass

G = 4.301e-6  # kpc km^2/s^2/Msun
NFW, CORE_NFW, BURKERT = (
    rotation.ForwardModel(PROFILES[name], 70.0, 200.0, G, 9.0, 12.0) for name in ("nfw", "core_nfw", "burkert")
)

# y and y^2 D(y), evaluated with 50 digits.
DISC = np.array(
    [
        (1e-4, 8.8262719607066345e-8),
        (0.01, 4.221487043031147e-4),
        (0.5, 0.13897939444564803),
        (1.0, 0.1928713240514011),
        (5.0, 0.052919502364311612),
        (10.0, 0.025296134525689776),
        (50.0, 0.0050022542361000064),
        (700.0, 3.571436771215469e-4),
        (1000.0, 2.5000028125131837e-4),
        (1e4, 2.5000000281250013e-5),
    ]
)


def highest(function, around):
    """Abscissa of the highest point of a function."""
    bounds = (0.5 * around, 2.0 * around)
    return minimize_scalar(lambda x: -function(x), bounds=bounds, method="bounded", options={"xatol": 1e-10}).x


def from_table(profile):
    """The profile as the rotation curves use it."""
    return lambda x: rotation.tabulated(profile, np.log2(x))


def test_disc_agrees_with_50_digit_arithmetic_and_does_not_jump_where_the_series_takes_over():
    y, expected = DISC.T
    for profile in (rotation.disc_profile, from_table(rotation.disc_profile)):
        np.testing.assert_allclose(profile(y), expected, rtol=1e-11)
    y = rotation.ASYMPTOTIC_FROM * np.array([1.0 - 1e-9, 1.0])
    below, above = rotation.disc_profile(y) * y  # y^3 D is flat here
    assert above == pytest.approx(below, rel=1e-11)


def test_disc_peaks_at_2_15_scale_lengths_and_halo_at_2_16_scale_radii():
    mass, length = 3e10, 4.0
    v_squared = lambda r: rotation.disc_velocity_squared(r, mass, length, G)  # noqa: E731
    # A maximum is flat: its place is known to half the digits of its height.
    assert highest(v_squared, 8.0) / length == pytest.approx(2.15005354513951, rel=1e-6)
    assert v_squared(2.15005354513951 * length) == pytest.approx(0.387045402975906 * G * mass / length, rel=1e-11)
    assert highest(rotation.disc_profile, 1.0) == pytest.approx(1.07502677256976, rel=1e-6)
    assert highest(lambda x: nfw_mass(x) / x, 2.0) == pytest.approx(2.1625815870646098, rel=1e-6)


def test_disc_seen_from_afar_is_a_point_mass():
    far, mass, length = 1e6, 3e10, 4.0
    # The leading correction is 9 Rd^2 / 2 R^2, from the second moment of the disc.
    kepler = G * mass / far * (1.0 + 4.5 * (length / far) ** 2)
    assert rotation.disc_velocity_squared(far, mass, length, G) == pytest.approx(kepler, rel=1e-13)


# The mass of a shell in the unit of the mass profile.
SHELLS = {nfw_mass: lambda x: x / (1.0 + x) ** 2, burkert_mass: lambda x: 4.0 * x**2 / ((1.0 + x) * (1.0 + x**2))}


@pytest.mark.parametrize("profile", SHELLS)
def test_halo_mass_is_the_integral_of_its_density(profile):
    for x in (1e-6, 1e-3, 0.0199999, 0.02, 0.1999999, 0.2, 1.0, 1e3):
        integral, _ = quad(SHELLS[profile], 0.0, x, epsabs=0.0, epsrel=1e-13, limit=200)
        assert [profile(x), from_table(profile)(x)] == pytest.approx([integral] * 2, rel=2e-12)


@pytest.mark.parametrize("profile", [rotation.disc_profile, nfw_mass, burkert_mass])
def test_a_table_is_the_profile_inside_and_outside_its_range(profile):
    log2_x = np.append(np.linspace(-21.0, 21.0, 200_003), [-20.0, 20.0, np.nextafter(20.0, 0.0)]).reshape(2, -1)
    np.testing.assert_allclose(rotation.tabulated(profile, log2_x), profile(2.0**log2_x), rtol=2e-12)
    assert rotation.tabulated(profile, 25.0) == profile(2.0**25)
    assert np.isnan(rotation.tabulated(profile, np.array([np.nan, 1.0]))).tolist() == [True, False]


def test_the_mean_density_within_the_virial_radius_is_200_critical_and_the_velocity_there_the_virial_one():
    mass = 10.0 ** np.array([9.0, 12.0, 15.0])
    r_vir = NFW.virial_radius(mass)
    critical = 3.0 * 0.07**2 / (8.0 * math.pi * G)
    np.testing.assert_allclose(mass / (4.0 / 3.0 * math.pi * r_vir**3), 200.0 * critical, rtol=1e-13)
    for concentration, forward_model in itertools.product((1.0, 8.0, 40.0), (NFW, BURKERT)):
        v_squared = rotation.halo_velocity_squared(r_vir, mass, concentration, forward_model)
        np.testing.assert_allclose(v_squared, G * mass / r_vir, rtol=1e-13)


def halo_squared(radius, *core_radius):
    """v^2 of a halo, with a core or without."""
    return rotation.halo_velocity_squared(radius, 1e10, 12.0, CORE_NFW, *core_radius)


def test_a_halo_with_a_core_agrees_with_50_digit_arithmetic():
    radius = np.array([1e-3, 0.1, 2.0, 10.0, 100.0])
    expected = [4.7730272935436215e-4, 4.6040843253588649, 809.39678392294527, 1515.6384222283321, 620.30772174269738]
    np.testing.assert_allclose(halo_squared(radius, 2.0), expected, rtol=1e-11)


def test_the_mass_of_a_halo_with_a_core_is_the_integral_of_its_density():
    core, r_s = 2.0, NFW.virial_radius(1e10) / 12.0
    mass_unit = 1e10 / nfw_mass(12.0)

    def shell(r):  # 4 pi r^2 times the density of Read, Agertz & Collins (2016) with n = 1
        nfw, tanh = mass_unit * r / (r + r_s) ** 2, math.tanh(r / core)
        return tanh * nfw + (1.0 - tanh**2) / core * mass_unit * nfw_mass(r / r_s)

    for radius in (0.3, 3.0, 30.0):
        mass = quad(shell, 0.0, radius, epsrel=1e-11)[0]
        assert halo_squared(radius, core) == pytest.approx(G * mass / radius, rel=1e-9)


def test_a_core_rotates_like_a_solid_body_and_far_outside_it_the_halo_is_nfw():
    inside, outside = np.array([1e-4, 1e-3]), np.array([40.0, 400.0])
    constant_density = halo_squared(inside, 2.0) / inside**2
    np.testing.assert_allclose(constant_density, constant_density[0], rtol=1e-3)
    assert halo_squared(inside)[0] > 1e3 * halo_squared(inside, 2.0)[0]
    np.testing.assert_allclose(halo_squared(outside, 2.0), halo_squared(outside), rtol=1e-15)


def test_a_galaxy_with_a_core_far_inside_the_innermost_radius_has_the_curve_of_one_without(galaxies, radius):
    tiny = np.column_stack([galaxies, np.full(len(galaxies), -3.0)])
    with_core = rotation.rotation_curves(tiny, radius, CORE_NFW)
    np.testing.assert_array_equal(with_core, rotation.rotation_curves(galaxies, radius, NFW))


def test_a_burkert_halo_rotates_like_a_solid_body_inside_and_its_mass_grows_as_the_logarithm_far_outside():
    tiny, far = np.array([1e-5, 1e-3]), np.array([1e4, 2e4])
    np.testing.assert_allclose(burkert_mass(tiny), 4.0 / 3.0 * tiny**3 * (1.0 - 0.75 * tiny), rtol=1e-12)
    # ln(1 + x^2) + 2 ln(1 + x) - 2 arctan(x) = 4 ln x - pi + 4 / x + O(1 / x^2)
    np.testing.assert_allclose(burkert_mass(far), 4.0 * np.log(far) - math.pi + 4.0 / far, rtol=1e-9)


# numexpr and pynbody are optional in galpy and deprecated here and there; only its numbers matter.
@pytest.mark.filterwarnings("ignore::Warning:galpy")
def test_a_thousand_galaxies_agree_with_galpy(galaxies, radius):
    from galpy.potential import NFWPotential, RazorThinExponentialDiskPotential
    from galpy.util import conversion

    gravity = conversion._G / 1000.0  # galpy's own, from pc to kpc
    disc_mass, halo_mass, length, concentration = 10.0**galaxies.T
    # A disc of unit surface density and scale length, at G = 1, has the mass 2 pi.
    unit_disc = RazorThinExponentialDiskPotential(amp=1.0, hr=1.0).vcirc((radius / length[:, None]).ravel())
    disc_squared = (gravity * disc_mass / length / (2.0 * np.pi))[:, None] * unit_disc.reshape(1000, -1) ** 2
    halos = (
        NFWPotential(mvir=m / 1e12, conc=c, H=70.0, overdens=200.0, wrtcrit=True, ro=8.0, vo=220.0)
        for m, c in zip(halo_mass, concentration, strict=True)
    )
    halo = 220.0 * np.array([halo.vcirc(radius / 8.0, use_physical=False) for halo in halos])
    ours = rotation.rotation_curves(galaxies, radius, replace(NFW, gravitational_constant=gravity))
    np.testing.assert_allclose(ours, np.sqrt(disc_squared + halo**2), rtol=1e-9)


def test_a_curve_is_the_same_bytes_among_many_and_alone(galaxies, radius):
    together = rotation.rotation_curves(galaxies, radius, NFW)
    parts = [rotation.rotation_curves(p, radius, NFW) for p in np.split(galaxies, [1, 300, 301, 777])]
    assert np.concatenate(parts).tobytes() == together.tobytes()
