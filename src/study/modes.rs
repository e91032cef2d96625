//! Which options of a distribution are its modes.

/// Shares within this part of the largest are equally large: they may have been added up
/// in another order.
const TIE: f64 = 1e-9;

/// The positions of the largest shares, ascending.
pub(crate) fn modes_of(shares: &[f64]) -> Vec<u16> {
    let most = shares.iter().copied().fold(0.0, f64::max);
    (0_u16..)
        .zip(shares)
        .filter(|(_, share)| **share >= most * (1.0 - TIE))
        .map(|(position, _)| position)
        .collect()
}

/// The modes of a distribution that tie with the mode that was taken of them; none where
/// it is alone, or no mode of the distribution.
pub(crate) fn tied_modes(mode: u16, shares: &[f64]) -> Vec<u16> {
    let modes = modes_of(shares);
    if modes.len() > 1 && modes.contains(&mode) {
        modes
    } else {
        Vec::new()
    }
}
