-- The archive: movements that were moved out of the database beside it. Rows are what they were there, hash and all; what
-- they name (volumes, custodians, stations, scans) is there still. `outguide verify` walks both as one history.
create table movement (
  movement_no   integer primary key,
  volume_id     integer not null,
  previous_no   integer,
  kind          text not null,
  from_id       integer not null,
  to_id         integer not null,
  late          integer not null check (late in (0, 1)),
  scanned_at_us integer not null,
  recorded_at_us integer not null,
  entry         text not null check (entry in ('scanned', 'keyed')),
  station_id    integer,
  operator      text,
  scan_no       integer,
  hash          blob not null check (length(hash) = 32),
  in_transit    integer,
  due_at_us     integer,
  missing_since_us integer,
  skip          text,
  undoes_no     integer
) strict;
