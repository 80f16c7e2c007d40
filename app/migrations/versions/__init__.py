"""One file a step; the newest is what `app.catalog_db.HEAD` names."""
