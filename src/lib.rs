//! scimgate: the gateway that makes any SCIM client work with any SCIM backend, by rules that ops can read.

pub mod access;
pub mod bridge;
pub mod fault;
pub mod gateway;
pub mod json;
pub mod metrics;
pub mod rules;
pub mod scim;
pub mod yaml;
