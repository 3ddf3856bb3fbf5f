"""The comparison of tables row by row: of two engines, and of two warehouses."""
