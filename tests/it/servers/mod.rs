//! The tests against real servers: `OYER_REQUIRE_SERVERS=1` makes them a must.

mod behaviour;
mod study;
