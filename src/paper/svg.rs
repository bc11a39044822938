//! A label as one SVG element: it has no style, so that a strict content policy lets it pass.

use super::layout::{Anchor, Area, Drawing, Element};
use crate::symbol::{escaped, millimetres};
use std::fmt::Write;

/// Fonts whose characters are all equally wide; the layout counts on that.
const FONT: &str = "DejaVu Sans Mono, Liberation Mono, Courier New, monospace";
/// Thickness of frames and diagonals.
const LINE_UM: u32 = 250;

impl Drawing {
    /// Draws it black on white with coloured chips, sized in millimetres.
    pub fn svg(&self) -> String {
        let (width, height) = (self.size.width_um, self.size.height_um);
        let mut out = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"paper-label\" role=\"img\" aria-label=\"{}\" \
             width=\"{}mm\" height=\"{}mm\" viewBox=\"0 0 {width} {height}\">\
             <rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>",
            escaped(&self.name),
            millimetres(width),
            millimetres(height)
        );
        self.elements.iter().for_each(|element| draw(&mut out, element));
        out.push_str("</svg>");
        out
    }
}

fn draw(out: &mut String, element: &Element) {
    // Writing to a string cannot fail.
    let _ = match element {
        Element::Symbol { left, top, size, symbol } => write!(
            out,
            "<path transform=\"translate({left} {top})\" shape-rendering=\"crispEdges\" d=\"{}\"/>",
            symbol.path(*size)
        ),
        Element::Text { area, anchor, is_bold, text } => {
            let (x, anchor) = match anchor {
                Anchor::Start => (area.left, ""),
                Anchor::Middle => (area.left + area.width / 2, " text-anchor=\"middle\""),
            };
            let weight = if *is_bold { " font-weight=\"bold\"" } else { "" };
            // Capitals and digits are about three quarters of the font's height; what hangs below them needs the rest.
            let base = area.top + area.height / 100 * 82;
            write!(
                out,
                "<text x=\"{x}\" y=\"{base}\" font-size=\"{}\" font-family=\"{FONT}\"{anchor}{weight} \
                 xml:space=\"preserve\">{}</text>",
                area.height,
                escaped(text)
            )
        }
        Element::Black(area) => write!(out, "<rect {}/>", place(*area)),
        Element::Chip { area, colour } => write!(
            out,
            "<rect {} fill=\"{colour}\" stroke=\"#000\" stroke-width=\"{LINE_UM}\"/>",
            place(*area)
        ),
        Element::Diagonal { area, rises } => {
            let (left, right) = (area.left, area.left + area.width);
            let (top, bottom) = (area.top, area.top + area.height);
            let (from, to) = if *rises { (bottom, top) } else { (top, bottom) };
            write!(
                out,
                "<path d=\"M{left} {from}L{right} {to}\" stroke=\"#000\" stroke-width=\"{}\" fill=\"none\"/>",
                2 * LINE_UM
            )
        }
    };
}

fn place(area: Area) -> String {
    format!("x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"", area.left, area.top, area.width, area.height)
}
