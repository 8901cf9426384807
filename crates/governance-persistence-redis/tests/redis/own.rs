//! Servers of a test's own, to be filled up, stopped or refused.

use crate::raw::Raw;
use governance_persistence_redis::RedisOptions;
use xtask::services::{Directory, Redis, Service};

/// A server with these arguments, if Redis is installed.
pub(crate) fn server(arguments: &[&str]) -> Option<Redis> {
    if !Service::Redis.is_available().expect("Redis is installed where it has to be") {
        return None;
    }
    let arguments = arguments.iter().map(|argument| (*argument).to_owned()).collect();
    let directory = Directory::create().expect("there is room for a directory");
    Some(Redis::start(&directory, &xtask::services::RedisOptions { arguments }).expect("the server starts"))
}

pub(crate) fn options(server: &Redis) -> RedisOptions {
    RedisOptions::new(&server.url()).expect("the URL is right")
}

/// The same as a user with a password.
pub(crate) fn options_as(server: &Redis, user: &str, password: &str) -> RedisOptions {
    let url = format!("redis://{user}:{password}@127.0.0.1:{}/0", server.port());
    RedisOptions::new(&url).expect("the URL is right")
}

pub(crate) fn raw(server: &Redis) -> Raw {
    Raw::connect(&format!("127.0.0.1:{}", server.port())).expect("the server answers")
}

/// Does the server tell beforehand what a script may not do, and which right is missing? Redis does from 7.0 on.
pub(crate) fn tells_rights(server: &Redis) -> bool {
    let info = server.cli(&["INFO", "server"]).expect("the server answers");
    let version = info.lines().find_map(|line| line.strip_prefix("redis_version:")).expect("it has a version");
    let major = version.split('.').next().and_then(|major| major.parse::<u32>().ok()).expect("it begins with a number");
    if major < 7 {
        eprintln!("Redis {} does not tell which right is missing", version.trim());
    }
    major >= 7
}
