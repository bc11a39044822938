-- What a tracker written for PostgreSQL would keep of a scan: journal, history, whereabouts, audit row; no hash chain.
create table custodian (custodian_id int primary key, name text not null);
create table chart (chart_id int primary key, label text not null unique, mrn text not null, name text not null,
  home_id int not null references custodian, at_id int not null references custodian, since timestamptz, movement_no bigint);
create table scan (scan_no bigserial primary key, station_id int not null, scanned_at timestamptz not null, frame bytea not null,
  verdict text not null, chart_id int references chart);
create table movement (movement_no bigserial primary key, chart_id int not null references chart, previous_no bigint,
  from_id int not null, to_id int not null, scan_no bigint not null references scan, at timestamptz not null);
create table audit (audit_no bigserial primary key, at timestamptz not null, action text not null, scan_no bigint, movement_no bigint);
create index chart_away on chart (at_id) where at_id <> home_id;

insert into custodian select n, 'Clinic ' || n from generate_series(1, 100) n;
insert into chart select n, 'V' || n, lpad(n::text, 7, '0'), 'Name ' || n, 1, 1 from generate_series(1, 100000) n;
analyze;

create function record(key text, place int) returns bigint language plpgsql as $$
declare found record; scanned bigint; moved bigint;
begin
  select chart_id, at_id, movement_no into found from chart where label = key for update;
  insert into scan (station_id, scanned_at, frame, verdict, chart_id)
    values (place, now(), key::bytea, 'moved', found.chart_id) returning scan_no into scanned;
  insert into movement (chart_id, previous_no, from_id, to_id, scan_no, at)
    values (found.chart_id, found.movement_no, found.at_id, place, scanned, now()) returning movement_no into moved;
  update chart set at_id = place, since = now(), movement_no = moved where chart_id = found.chart_id;
  insert into audit (at, action, scan_no, movement_no) values (now(), 'scan', scanned, moved);
  return moved;
end $$;
