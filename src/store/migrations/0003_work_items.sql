-- A work item may be about a chart, and may come from no scan and no station.
pragma writable_schema = on;
update sqlite_schema set sql = replace(replace(sql,
  'station_id    integer not null references station', 'station_id    integer references station'),
  'scan_no       integer not null references scan', 'scan_no       integer references scan')
  where name = 'work_item';
pragma writable_schema = reset;

alter table work_item add column chart_id integer references chart (chart_id);
