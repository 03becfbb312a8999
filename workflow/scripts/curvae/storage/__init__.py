"""Files: HDF5 with names and units, splits, tables, catalogues; written whole or not at all."""
