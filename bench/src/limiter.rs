//! The limiters, each behind the same call.

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use std::{error::Error, num::NonZeroU32, time::Duration};
use tokio::sync::Mutex;
use tollgate_providers::flxpoint;
use tower::{Service, ServiceExt};

/// Who is measured.
#[derive(Clone, Copy)]
pub(crate) enum Limiter {
    Tollgate,
    Governor,
    GovernorSmooth,
    Tower,
}

impl Limiter {
    pub(crate) const ALL: [Self; 4] = [Self::Tollgate, Self::Governor, Self::GovernorSmooth, Self::Tower];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Tollgate => "tollgate",
            Self::Governor => "governor, burst of the limit",
            Self::GovernorSmooth => "governor, burst 1",
            Self::Tower => "tower::limit::RateLimit",
        }
    }

    /// What sends requests to `url` under this limiter.
    pub(crate) fn sender(
        self,
        url: &str,
        limit: u32,
        window: Duration,
    ) -> Result<Sender, Box<dyn Error + Send + Sync>> {
        let plain = Plain {
            http: reqwest::Client::new(),
            url: format!("{url}/account"),
        };
        let each = window / limit;
        let quota = Quota::with_period(each).ok_or("the window is empty")?;
        let burst = NonZeroU32::new(limit).ok_or("the limit is zero")?;
        Ok(match self {
            Self::Tollgate => Sender::Tollgate(tollgate_client(url)?),
            Self::Governor => Sender::Governor(RateLimiter::direct(quota.allow_burst(burst)), plain),
            Self::GovernorSmooth => Sender::Governor(RateLimiter::direct(quota.allow_burst(NonZeroU32::MIN)), plain),
            Self::Tower => {
                let permit = tower::service_fn(|()| std::future::ready(Ok(())));
                let limited = tower::limit::RateLimit::new(permit, tower::limit::rate::Rate::new(limit.into(), window));
                Sender::Tower(Mutex::new(tower::util::BoxService::new(limited)), plain)
            }
        })
    }
}

/// A client of the real descriptor.
fn tollgate_client(url: &str) -> Result<flxpoint::AccountClient, Box<dyn Error + Send + Sync>> {
    let connection = flxpoint::Connection::builder().base_url(url).build()?;
    Ok(flxpoint::Client::with(&connection, flxpoint::Account::new("bench")))
}

pub(crate) struct Plain {
    http: reqwest::Client,
    url: String,
}

impl Plain {
    async fn send(&self) -> Result<(), reqwest::Error> {
        self.http.get(&self.url).send().await?.bytes().await?;
        Ok(())
    }
}

pub(crate) enum Sender {
    Tollgate(flxpoint::AccountClient),
    Governor(DefaultDirectRateLimiter, Plain),
    Tower(Mutex<tower::util::BoxService<(), (), std::convert::Infallible>>, Plain),
}

impl Sender {
    /// Sends one request.
    pub(crate) async fn send(&self) -> Result<(), Box<dyn Error + Send + Sync>> {
        match self {
            Self::Tollgate(client) => match client.account().get(flxpoint::account::GetAccount::new()).send().await {
                Ok(_) => Ok(()),
                Err(error) if error.status() == Some(429) => Ok(()),
                Err(error) => Err(error.into()),
            },
            Self::Governor(limiter, plain) => {
                limiter.until_ready().await;
                Ok(plain.send().await?)
            }
            Self::Tower(permits, plain) => {
                let mut permits = permits.lock().await;
                permits.ready().await?.call(()).await?;
                drop(permits);
                Ok(plain.send().await?)
            }
        }
    }
}
