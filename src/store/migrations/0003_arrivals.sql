-- What is on its way, by where to: a few hundred rows however many charts there are.
create index volume_under_way on volume (at_id, since_us) where in_transit is not null;

-- What arrived where, and when.
create index movement_received on movement (to_id, recorded_at_us) where kind in ('received', 'unpacked');
