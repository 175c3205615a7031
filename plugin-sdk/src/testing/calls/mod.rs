//! The calls of hooks, two for each: `route` gives the verdict and fails the test where the call fails; `try_route` gives a
//! [`Result`](crate::Result).

mod arrival;
mod login;
mod packets;
mod servers;
