-- Where boxes and totes went, each with all that was in it.
create table box_move (
  box_move_id   integer primary key,
  box_id        integer not null references custodian (custodian_id),
  from_id       integer references custodian (custodian_id),
  to_id         integer not null references custodian (custodian_id),
  in_transit    integer,
  charts        integer not null check (charts >= 0),
  opened        integer,
  at_us         integer not null,
  operator      text,
  scan_no       integer not null references scan (scan_no)
) strict;
create index box_move_box on box_move (box_id, box_move_id);
create index box_move_under_way on box_move (to_id, at_us) where in_transit is not null;

create trigger box_move_is_kept before delete on box_move begin select raise(abort, 'history is only added to'); end;
create trigger box_move_is_final before update on box_move begin select raise(abort, 'history is only added to'); end;
