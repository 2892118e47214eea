//! How a service is found: by one address of its own (a VIP), behind which the kernel's IPVS spreads
//! connections over its tasks, or by the addresses of its tasks (`dnsrr`).
//!
//! An address of its own outlives the tasks: who looks a name up once, as nginx does when it starts,
//! reaches the service over every update. Without IPVS in the kernel of the node that asks, nobody
//! answers there, and nothing says so. A change of the mode replaces all tasks: so what runs keeps
//! its mode as long as that works.

use bollard_stubs::models::{
    EndpointPortConfigPublishModeEnum as Publish, EndpointSpecModeEnum as Mode, ServiceSpec,
};

use crate::{labels, spec::StackSpec};

/// Which services may have an address of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Vip {
    /// None: the kernel has no IPVS.
    Never,
    /// Those that ask for it. The server's node has IPVS, and of the kernels of the others nothing
    /// is known: the addresses of tasks work on every one.
    Asked,
    /// All: the only node has IPVS.
    Usual,
}

impl Vip {
    /// From what is known: whether the kernel of the server's node has IPVS, and how many nodes there
    /// are.
    #[must_use]
    pub const fn detected(ipvs: bool, nodes: u64) -> Self {
        match (ipvs, nodes) {
            (false, _) => Self::Never,
            (true, 0 | 1) => Self::Usual,
            (true, _) => Self::Asked,
        }
    }

    /// The mode of a service: what its source asks for, or else what runs of it, as far as either
    /// works here.
    #[must_use]
    pub fn mode(self, asked: Option<Mode>, running: Option<Mode>) -> Mode {
        let usual = if self == Self::Usual { Mode::VIP } else { Mode::DNSRR };
        match self {
            Self::Never => Mode::DNSRR,
            Self::Asked | Self::Usual => asked.or(running).unwrap_or(usual),
        }
    }

    /// The same for services that an older release has, made when the kernel had more: those that
    /// got an address of their own from here are found by their tasks, and published by their nodes.
    pub fn restrict(self, spec: &mut StackSpec) {
        if self != Self::Never {
            return;
        }
        for service in spec.services.values_mut() {
            let labels = service.labels.get_or_insert_default();
            if labels.remove(labels::VIP).is_none() {
                continue;
            }
            let endpoint = service.endpoint_spec.get_or_insert_default();
            endpoint.mode = Some(Mode::DNSRR);
            for port in endpoint.ports.iter_mut().flatten() {
                port.publish_mode = Some(Publish::HOST);
            }
        }
    }
}

/// The mode in which a service runs; Swarm's own default where it says none.
#[must_use]
pub fn runs(service: &ServiceSpec) -> Mode {
    service.endpoint_spec.as_ref().and_then(|endpoint| endpoint.mode).unwrap_or(Mode::VIP)
}

/// Whether a service has an address of its own that it did not get from here: it is the docker
/// CLI's, and published as that does it.
#[must_use]
pub fn inherited(service: &ServiceSpec) -> bool {
    runs(service) == Mode::VIP
        && !service.labels.as_ref().is_some_and(|labels| labels.contains_key(labels::VIP))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_runs_stays_as_long_as_it_works() {
        let (none, one, several) = (Vip::detected(false, 1), Vip::detected(true, 1), Vip::detected(true, 3));
        assert_eq!((none, one, several), (Vip::Never, Vip::Usual, Vip::Asked));
        for (vip, asked, running, mode) in [
            (none, None, None, Mode::DNSRR),
            (none, Some(Mode::VIP), Some(Mode::VIP), Mode::DNSRR),
            (one, None, None, Mode::VIP),
            (one, None, Some(Mode::DNSRR), Mode::DNSRR),
            (one, Some(Mode::VIP), Some(Mode::DNSRR), Mode::VIP),
            (one, Some(Mode::DNSRR), Some(Mode::VIP), Mode::DNSRR),
            (several, None, None, Mode::DNSRR),
            (several, Some(Mode::VIP), None, Mode::VIP),
            (several, None, Some(Mode::VIP), Mode::VIP),
        ] {
            assert_eq!(vip.mode(asked, running), mode, "{vip:?} {asked:?} {running:?}");
        }
    }
}
