-- The same for MariaDB, and OpenEMR's two tables with its keys (patients are found by pubpid, which has no index).
create database tracker; use tracker;
create table custodian (custodian_id int primary key, name varchar(80) not null);
create table chart (chart_id int primary key, label varchar(32) not null unique, mrn varchar(32) not null, name varchar(80) not null,
  home_id int not null, at_id int not null, since datetime(6), movement_no bigint, key chart_at (at_id));
create table scan (scan_no bigint auto_increment primary key, station_id int not null, scanned_at datetime(6) not null,
  frame varbinary(512) not null, verdict varchar(16) not null, chart_id int);
create table movement (movement_no bigint auto_increment primary key, chart_id int not null, previous_no bigint,
  from_id int not null, to_id int not null, scan_no bigint not null, at datetime(6) not null);
create table audit (audit_no bigint auto_increment primary key, at datetime(6) not null, action varchar(16) not null,
  scan_no bigint, movement_no bigint);
insert into custodian select seq, concat('Clinic ', seq) from seq_1_to_100;
insert into chart select seq, concat('V', seq), lpad(seq, 7, '0'), concat('Name ', seq), 1, 1, null, null from seq_1_to_100000;

create table chart_tracker (ct_pid int not null, ct_when datetime not null, ct_userid bigint not null default 0,
  ct_location varchar(31) not null default '', primary key (ct_pid, ct_when));
create table patient_data (id bigint auto_increment primary key, pid bigint not null unique, pubpid varchar(255) not null,
  fname varchar(255) not null, mname varchar(255) not null, lname varchar(255) not null, ss varchar(255) not null, DOB date);
insert into patient_data (pid, pubpid, fname, mname, lname, ss, DOB)
  select seq, lpad(seq, 7, '0'), 'Given', '', concat('Family ', seq), '', '1970-01-01' from seq_1_to_100000;
insert into chart_tracker select seq, '2020-01-01', 0, 'shelf' from seq_1_to_100000;

delimiter //
create procedure record() begin
  declare key_ varchar(32); declare place int; declare id, was int; declare previous, scanned, moved bigint;
  set key_ = concat('V', 1 + floor(rand() * 100000)), place = 2 + floor(rand() * 60);
  start transaction;
  select chart_id, at_id, movement_no into id, was, previous from chart where label = key_ for update;
  insert into scan (station_id, scanned_at, frame, verdict, chart_id) values (place, now(6), key_, 'moved', id);
  set scanned = last_insert_id();
  insert into movement (chart_id, previous_no, from_id, to_id, scan_no, at) values (id, previous, was, place, scanned, now(6));
  set moved = last_insert_id();
  update chart set at_id = place, since = now(6), movement_no = moved where chart_id = id;
  insert into audit (at, action, scan_no, movement_no) values (now(6), 'scan', scanned, moved);
  commit;
end //
create procedure locate() begin
  declare key_ varchar(32); set key_ = concat('V', 1 + floor(rand() * 100000));
  select c.mrn, c.name, p.name, c.since from chart c join custodian p on p.custodian_id = c.at_id where c.label = key_;
end //
create procedure openemr_save() begin
  insert ignore into chart_tracker values
    (1 + floor(rand() * 100000), '2021-01-01' + interval floor(rand() * 1e8) second, 1 + floor(rand() * 60), '');
end //
create procedure openemr_find() begin
  declare wanted varchar(255); set wanted = lpad(1 + floor(rand() * 100000), 7, '0');
  select pd.pid, pd.lname, ct.ct_userid, ct.ct_location, ct.ct_when from patient_data pd
    left join chart_tracker ct on ct.ct_pid = pd.pid where pd.pubpid = wanted order by pd.pid, ct.ct_when desc limit 1;
end //
delimiter ;
