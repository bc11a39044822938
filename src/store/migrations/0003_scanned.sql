-- What a scan asks of a chart is true of few charts: found in small indexes that memory keeps, not in the chart's own row
-- and among all volumes, of which each page may have to come from the disk.
create index chart_unusual on chart (chart_id) where state <> 'active' or temporary_for is not null or merged_into is not null;
create index volume_further on volume (chart_id) where number > 1;
create index patient_stay on patient (patient_id) where inpatient_since_us is not null or discharged_at_us is not null;
