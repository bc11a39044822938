-- Old movements may be in a file of their own (store/archive). What names a movement is checked by `verify` in both files;
-- SQLite's foreign keys see one file only. Taking such a constraint out of a table changes no row of it.
pragma writable_schema = on;
update sqlite_schema set sql = replace(sql, ' references movement (movement_no)', '') 
  where name = 'audit';
pragma writable_schema = reset;
create table archive (
  archive_id    integer primary key check (archive_id = 1),
  moved_to      integer not null check (moved_to >= 0),
  last_no       integer,
  last_hash     blob check (length(last_hash) = 32)
) strict;
insert into archive values (1, 0, null, null);
drop trigger movement_is_kept;
create trigger movement_is_kept before delete on movement
  when old.movement_no > coalesce((select moved_to from archive), 0)
  begin select raise(abort, 'history is only added to'); end;
