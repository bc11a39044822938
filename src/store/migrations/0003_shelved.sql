-- File areas without order: on which shelf a folder stands. The journal has the scans that said so.
create table shelved (
  volume_id     integer primary key references volume (volume_id),
  shelf_id      integer not null references custodian (custodian_id),
  since_us      integer not null
) strict;
