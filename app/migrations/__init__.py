"""Every shape that the catalogue ever had; run at the server's start by `app.catalog_db`."""
