//! The servers of a route: one group of them, or two versions with their shares.

use std::{collections::BTreeSet, net::SocketAddr};

use super::{
    document::{Health, LoadBalancer, Server, Service, Share, Weighted, go},
    input::{Route, Servers},
    options,
    render::{Draft, TRANSPORT},
    servers,
};
use crate::domain::route::Backend;

impl Draft<'_> {
    /// The service of a route.
    pub(super) fn serve(&mut self, route: &Route, name: &str, urls: Vec<String>, trial: Vec<String>) {
        let health_check = route.health.as_ref().map(|health| Health {
            path: health.path.as_str().to_owned(),
            interval: go(health.interval),
            timeout: go(health.timeout),
            follow_redirects: false,
        });
        let transport = options::transport(route, self.options);
        let draft = LoadBalancer {
            servers: Vec::new(),
            pass_host_header: true,
            servers_transport: transport.as_ref().map_or(TRANSPORT, |_| name).to_owned(),
            sticky: options::sticky(route),
            health_check,
        };
        self.services(name, (urls, trial), route, draft);
        if let Some(transport) = transport {
            self.http.servers_transports.insert(name.to_owned(), transport);
        }
    }

    /// What serves and its trial, each with its share; whoever has no server gets no visitor.
    fn services(
        &mut self,
        name: &str,
        (urls, trial): (Vec<String>, Vec<String>),
        route: &Route,
        draft: LoadBalancer,
    ) {
        let of = |urls: Vec<String>| {
            let servers = urls.into_iter().map(|url| Server { url }).collect();
            Service::LoadBalancer(LoadBalancer { servers, ..draft.clone() })
        };
        let weight = route.trial.as_ref().map_or(0, |trial| trial.weight.min(100));
        let services = &mut self.http.services;
        if trial.is_empty() {
            services.insert(name.to_owned(), of(urls));
        } else if urls.is_empty() || weight == 100 {
            services.insert(name.to_owned(), of(trial));
        } else {
            let [now, next] = ["now", "next"].map(|which| format!("{name}-{which}"));
            let shares = [(&now, 100 - weight), (&next, weight)];
            let shares = shares.map(|(name, weight)| Share { name: name.clone(), weight });
            // Who is to stay with one server is to stay with one version first.
            let weighted = Weighted { services: shares, sticky: options::sticky_share(route) };
            services.insert(name.to_owned(), Service::Weighted(weighted));
            services.insert(now, of(urls));
            services.insert(next, of(trial));
        }
    }

    /// The servers of a trial that visitors are led to.
    pub(super) fn trial_urls(&mut self, route: &Route) -> Vec<String> {
        match &route.trial {
            Some(trial) if trial.weight > 0 => self.checked(route, &trial.servers).unwrap_or_default(),
            _ => Vec::new(),
        }
    }

    /// The servers of a route. None is no fault: visitors get 503.
    pub(super) fn urls(&mut self, route: &Route) -> Result<Vec<String>, String> {
        let Servers::At(all) = &route.servers else { return Ok(Vec::new()) };
        self.checked(route, all)
    }

    fn checked(&mut self, route: &Route, all: &[SocketAddr]) -> Result<Vec<String>, String> {
        let unfit = |server: &SocketAddr| servers::unfit(server, self.options.loopback);
        let good: BTreeSet<_> = all.iter().filter(|server| unfit(server).is_none()).collect();
        if let Some(why) = all.iter().find_map(unfit) {
            if good.is_empty() {
                return Err(why);
            }
            self.leave_out(format!("domain {}", route.id), why);
        }
        let scheme = route.options.backend.map_or("http", Backend::scheme);
        Ok(good.into_iter().map(|server| format!("{scheme}://{server}")).collect())
    }

    pub(super) fn service(&mut self, name: String, urls: Vec<String>) {
        let load_balancer = LoadBalancer {
            servers: urls.into_iter().map(|url| Server { url }).collect(),
            pass_host_header: true,
            servers_transport: TRANSPORT.to_owned(),
            sticky: None,
            health_check: None,
        };
        self.http.services.insert(name, Service::LoadBalancer(load_balancer));
    }
}
