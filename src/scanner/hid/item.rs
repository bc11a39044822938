//! The items a HID report descriptor is made of (Device Class Definition for HID 1.11, section 6.2.2).

/// Longest descriptor read, in bytes: Linux keeps none that is longer (`HID_MAX_DESCRIPTOR_SIZE`).
const DESCRIPTOR_BYTES_MAX: usize = 4096;

/// What an item says. Items that do not bear on where a field lies are left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Item {
    Input(Flags),
    Output(Flags),
    Feature,
    Collection,
    EndCollection,
    UsagePage(u16),
    ReportSize(u32),
    ReportId(u8),
    ReportCount(u32),
    Push,
    Pop,
    Usage(Usage),
    UsageMinimum(Usage),
    UsageMaximum(Usage),
    /// Opens (true) or closes a set of usages of which the first is preferred.
    Delimiter(bool),
    Other,
}

/// What a field's main item says of it (section 6.2.2.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Flags {
    pub(super) is_constant: bool,
    /// Whether each usage has a place of its own; else the report names the usages that are on.
    pub(super) is_variable: bool,
}

/// A usage as an item gives it: with its page, or without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Usage {
    pub(super) page: Option<u16>,
    pub(super) id: u16,
}

/// The items of a descriptor, up to the first that is cut short.
#[derive(Debug)]
pub(super) struct Items<'a> {
    rest: &'a [u8],
}

impl Items<'_> {
    pub(super) fn new(descriptor: &[u8]) -> Items<'_> {
        Items { rest: descriptor.get(..DESCRIPTOR_BYTES_MAX).unwrap_or(descriptor) }
    }
}

impl Iterator for Items<'_> {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        let (prefix, rest) = self.rest.split_first()?;
        // A long item gives its length in the next byte and its tag in the one after that; none is defined.
        if *prefix == 0xfe {
            let length = usize::from(*rest.first()?).saturating_add(2);
            self.rest = rest.get(length..)?;
            return Some(Item::Other);
        }
        let length = match prefix & 3 {
            3 => 4,
            length => usize::from(length),
        };
        let (data, rest) = rest.split_at_checked(length)?;
        self.rest = rest;
        Some(item(prefix & 0xfc, data))
    }
}

fn item(tag: u8, data: &[u8]) -> Item {
    let number = data.iter().rev().fold(0_u32, |number, byte| (number << 8) | u32::from(*byte));
    let [low, _, _, _] = number.to_le_bytes();
    let flags = Flags { is_constant: number & 1 != 0, is_variable: number & 2 != 0 };
    match tag {
        0x80 => Item::Input(flags),
        0x90 => Item::Output(flags),
        0xb0 => Item::Feature,
        0xa0 => Item::Collection,
        0xc0 => Item::EndCollection,
        0x04 => Item::UsagePage(half(number)),
        0x74 => Item::ReportSize(number),
        0x84 => Item::ReportId(low),
        0x94 => Item::ReportCount(number),
        0xa4 => Item::Push,
        0xb4 => Item::Pop,
        0x08 => Item::Usage(usage(number, data)),
        0x18 => Item::UsageMinimum(usage(number, data)),
        0x28 => Item::UsageMaximum(usage(number, data)),
        0xa8 => Item::Delimiter(number != 0),
        _ => Item::Other,
    }
}

/// Four bytes are an extended usage, which brings its page (section 6.2.2.8).
fn usage(number: u32, data: &[u8]) -> Usage {
    Usage { page: (data.len() == 4).then(|| half(number >> 16)), id: half(number) }
}

fn half(number: u32) -> u16 {
    let [low, high, _, _] = number.to_le_bytes();
    u16::from_le_bytes([low, high])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(descriptor: &[u8], expect: &[Item]) {
        assert_eq!(Items::new(descriptor).collect::<Vec<_>>(), expect, "{descriptor:02x?}");
    }

    #[test]
    fn reads_items() {
        let variable = Flags { is_constant: false, is_variable: true };
        check(&[0x05, 0x8c], &[Item::UsagePage(0x8c)]);
        check(&[0x06, 0x66, 0xff], &[Item::UsagePage(0xff66)]);
        check(&[0x09, 0xfe], &[Item::Usage(Usage { page: None, id: 0xfe })]);
        check(&[0x0b, 0x3b, 0, 1, 0], &[Item::Usage(Usage { page: Some(1), id: 0x3b })]);
        check(&[0x81, 2, 0x82, 2, 1], &[Item::Input(variable); 2]);
        check(&[0x90, 0xb1, 2], &[Item::Output(Flags { is_variable: false, ..variable }), Item::Feature]);
        check(&[0x96, 0, 1, 0x75, 8], &[Item::ReportCount(256), Item::ReportSize(8)]);
        check(&[0xfe, 2, 0x55, 9, 9, 0xc0], &[Item::Other, Item::EndCollection]);
    }

    #[test]
    fn ends_at_an_item_cut_short() {
        for cut in [&[0x06, 0x66][..], &[0xfe], &[0xfe, 3, 0, 1], &[0x97, 0, 0, 0]] {
            check(cut, &[]);
        }
        assert_eq!(Items::new(&[0xc0; 5000]).count(), DESCRIPTOR_BYTES_MAX);
    }
}
