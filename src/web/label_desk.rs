//! Prints what PRINT LABEL asks for, after the scan is on disk and answered; a printer that is off delays nobody.

use super::App;
use super::pages::print_one;
use crate::changes::Change;
use crate::intake::LabelWanted;
use tokio_util::sync::CancellationToken;

/// Prints labels one by one, in the order of their scans, until `stop`.
pub async fn print_wanted(app: App, stop: CancellationToken) {
    let Some(mut wanted) = app.intake.labels().receive() else { return };
    while let Some(Some(label)) = stop.run_until_cancelled(wanted.recv()).await {
        let Some(printed) = stop.run_until_cancelled(print(&app, &label)).await else { return };
        app.intake.labels().tell(&label.station, printed);
        app.changes.announce(Change::Station(label.station));
    }
}

async fn print(app: &App, label: &LabelWanted) -> Result<(), String> {
    let site = app.site();
    let station = site.stations.iter().find(|station| station.name == label.station);
    let printer = station.and_then(|station| station.printer.as_deref());
    let printer = printer.ok_or_else(|| "this station has no label printer any more".to_owned())?;
    print_one(app, printer, label.volume).await
}
