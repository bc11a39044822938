-- Reading the audit log by person and by chart without walking through every scan.
create index audit_actor on audit (actor, audit_no) where scan_no is null;
create table audit_chart (
  chart_id      integer not null,
  audit_no      integer not null references audit (audit_no),
  primary key (chart_id, audit_no)
) strict, without rowid;
