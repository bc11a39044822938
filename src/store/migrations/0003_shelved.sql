-- File areas without order: on which shelf a folder stands. The journal has the scans that said so.
create table shelved (
  volume_id     integer primary key references volume (volume_id),
  shelf_id      integer not null references custodian (custodian_id),
  since_us      integer not null
) strict;

-- What is away is counted by holder and home: with both in the index no folder is read for it.
drop index volume_away;
create index volume_away on volume (at_id, filing_key, home_id) where at_id <> home_id;
