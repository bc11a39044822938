-- Which scans were left out, by who should have made them: one row in a hundred movements.
create index movement_skip on movement (from_id, recorded_at_us) where skip is not null;
