//! What stands between a site and its visitors: is it whole, does it fit the host, and how it gets there.

pub mod addresses;
pub mod git;
pub mod size;
pub mod workflow;
