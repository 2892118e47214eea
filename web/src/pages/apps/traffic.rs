//! What the edges saw of the requests for an app: how many, how they were answered, how long they took.

use leptos::prelude::*;

use crate::{
    api::{AppId, DomainId, Often, Result, Time, TrafficMissing, TrafficOf, TrafficSum, TrafficView},
    components::{AppFrame, AppLogLines, Chart, Empty, Notice, Place, Section, Series, Tab},
    http::Cx,
    islands::AppLog,
    pages::Page,
};

/// What can be chosen: its word in the address, its name, seconds.
const RANGES: [(&str, &str, i64); 6] = [
    ("1h", "1 hour", 3_600),
    ("6h", "6 hours", 21_600),
    ("24h", "24 hours", 86_400),
    ("7d", "7 days", 604_800),
    ("30d", "30 days", 2_592_000),
    ("1y", "1 year", 31_536_000),
];
/// Lines of a list.
const ROWS: usize = 10;

/// The requests of a time.
pub async fn traffic(cx: &Cx<'_>, id: AppId) -> Result<Page> {
    let app = cx.api.app(&id).await?;
    let asked = cx.query.text("range");
    let range = RANGES.into_iter().find(|(word, ..)| *word == asked).unwrap_or(RANGES[0]);
    let domain = cx.query.optional("domain").map(DomainId);
    let seen = cx.api.traffic(&id, range.2, domain.as_ref()).await?;
    Ok(Page::new(format!("Traffic of {}", app.line.name), Place::Projects, move || {
        let links = links(&id, range.0, domain.as_ref(), &seen.domains);
        let missing = missing(&seen.missing);
        let command = format!("skep access-log {}", app.line.name);
        let stream = match &domain {
            Some(domain) => format!("/events/apps/{id}/requests?domain={domain}"),
            None => format!("/events/apps/{id}/requests"),
        };
        let body = if seen.domains.is_empty() {
            view! {
                <section class="card">
                    <Empty title="No domains yet" text="Requests are counted where they come in: for the app's domains.">
                        <a class="button primary" href=format!("/apps/{id}/domains")>
                            "Add a domain"
                        </a>
                    </Empty>
                </section>
            }
            .into_any()
        } else if seen.sum.requests == 0 {
            let text =
                "What ended is shown some seconds later; WebSockets and long answers count when they end.";
            view! {
                <section class="card">
                    <Empty title=format!("No requests in the last {}", range.1) text/>
                </section>
            }
            .into_any()
        } else {
            figures(&id, range, domain.is_none(), seen)
        };
        view! {
            <AppFrame app tab=Tab::Traffic>
                {links} {missing} {body}
                <section class="card log-card">
                    <header class="card-head">
                        <h2>"Requests as they end"</h2>
                        <p>"While you look; nothing is kept of them. Paths without their queries, times in UTC."</p>
                    </header>
                    <AppLog path=stream/>
                    <p class="without-script pad quiet">
                        "This needs scripts; in a terminal: " <code>{command}</code>
                    </p>
                    <AppLogLines lines=Vec::new()/>
                </section>
            </AppFrame>
        }
    }))
}

/// Which time, and which domain.
fn links(id: &AppId, range: &str, domain: Option<&DomainId>, domains: &[TrafficOf]) -> impl IntoView + use<> {
    let of = |range: &str, domain: Option<&str>| {
        let domain = domain.map(|domain| format!("&domain={domain}")).unwrap_or_default();
        format!("/apps/{id}/traffic?range={range}{domain}")
    };
    let link = |text: String, href: String, here: bool| {
        let current = here.then_some("page");
        view! {
            <a href=href aria-current=current>
                {text}
            </a>
        }
    };
    let chosen = domain.map(|domain| domain.0.as_str());
    let times: Vec<_> = RANGES
        .iter()
        .map(|(word, name, _)| link((*name).to_owned(), of(word, chosen), *word == range))
        .collect();
    let several = (domains.len() > 1).then(|| {
        let mut all = vec![link("All domains".to_owned(), of(range, None), chosen.is_none())];
        all.extend(domains.iter().map(|domain| {
            link(domain.name.clone(), of(range, Some(&domain.id)), chosen == Some(domain.id.as_str()))
        }));
        view! {
            <nav class="ranges" aria-label="Domain">
                {all}
            </nav>
        }
    });
    view! {
        <nav class="ranges" aria-label="Time">
            {times}
        </nav>
        {several}
    }
}

/// What is not in the figures.
fn missing(all: &[TrafficMissing]) -> impl IntoView + use<> {
    let told = |gap: &TrafficMissing| {
        let lost = match gap.requests {
            0 => String::new(),
            1 => "; 1 request is known to be missing".to_owned(),
            count => format!("; {count} requests are known to be missing"),
        };
        let (from, until) = (gap.from.long(), gap.until.long());
        view! {
            <p>{format!("Counts are missing from {from} to {until}: the edge on {} did not report them{lost}.", gap.node)}</p>
        }
    };
    let lines: Vec<_> = all.iter().rev().take(5).map(told).collect();
    (!lines.is_empty()).then(|| view! { <Notice tone="warn">{lines}</Notice> })
}

/// Sums, charts and lists.
fn figures(id: &AppId, range: (&str, &str, i64), all_domains: bool, seen: TrafficView) -> AnyView {
    let TrafficView { from, until, sum, points, paths, countries, domains, backends, missing, .. } = seen;
    let time = (from, until);
    let gaps: Vec<(Time, Time)> = missing.iter().map(|gap| (gap.from, gap.until)).collect();
    let each = |value: fn(&TrafficSum, f64) -> Option<f64>| -> Vec<Option<f64>> {
        points.iter().map(|point| value(&point.sum, point.seconds.max(1) as f64)).collect()
    };
    let series = |name, tone, value| Series { name, tone, values: each(value) };
    let rates = vec![
        series("1xx", "off", |sum, seconds| Some(sum.classes[0] as f64 / seconds)),
        series("2xx", "good", |sum, seconds| Some(sum.classes[1] as f64 / seconds)),
        series("3xx", "busy", |sum, seconds| Some(sum.classes[2] as f64 / seconds)),
        series("4xx", "warn", |sum, seconds| Some(sum.classes[3] as f64 / seconds)),
        series("5xx", "bad", |sum, seconds| Some(sum.classes[4] as f64 / seconds)),
    ];
    let latency = vec![
        series("50 of 100", "good", |sum, _| sum.percentiles.map(|all| all[0])),
        series("95 of 100", "warn", |sum, _| sum.percentiles.map(|all| all[1])),
        series("99 of 100", "bad", |sum, _| sum.percentiles.map(|all| all[2])),
    ];
    let bytes = vec![
        series("to visitors", "busy", |sum, seconds| Some(sum.bytes_out as f64 / seconds)),
        series("from visitors", "off", |sum, seconds| Some(sum.bytes_in as f64 / seconds)),
    ];
    let about = summary(&sum);
    let sums = sums(&sum);
    let of_domains =
        (all_domains && domains.len() > 1).then(|| table("Domains", "", domains, Some((id, range.0))));
    let backends = table(
        "Backends",
        "Tasks by their address on the edge network. The edge itself answers redirects, and what no task could.",
        backends,
        None,
    );
    let chart = |what: &str, series: Vec<Series>, stacked: bool, unit: fn(f64) -> String| {
        let (label, missing) = (format!("{what}. {about}"), gaps.clone());
        view! { <Chart label series stacked time missing unit/> }
    };
    let rates = chart("Requests a second by status", rates, true, per_second);
    let latency = chart("Time to answer", latency, false, millis);
    let bytes = chart("Bytes of bodies a second", bytes, false, bytes_per_second);
    view! {
        <Section title="Requests a second">{sums} {rates}</Section>
        <Section title="Time to answer" about="To the last byte, without WebSockets; at most a sixteenth off.">
            {latency}
        </Section>
        <Section title="Bytes a second">{bytes}</Section>
        {of_domains}
        {often("Paths", "Asked for most; `*` is any number or id.", paths)}
        {often("Countries", "", countries)}
        {backends}
    }
    .into_any()
}

fn sums(sum: &TrafficSum) -> impl IntoView + use<> {
    let fact = |name: &'static str, text: String| {
        view! {
            <div>
                <dt>{name}</dt>
                <dd>{text}</dd>
            </div>
        }
    };
    let retries = (sum.retries > 0).then(|| fact("Asked again", count(sum.retries)));
    let [half, most, _] = sum.percentiles.unwrap_or_default();
    view! {
        <dl class="sums">
            {fact("Requests", count(sum.requests))}
            {fact("Failed (5xx)", share(sum.error_share))}
            {sum.percentiles.is_some().then(|| fact("Half within", millis(half)))}
            {sum.percentiles.is_some().then(|| fact("95 of 100 within", millis(most)))}
            {fact("To visitors", bytes(sum.bytes_out as f64))}
            {retries}
        </dl>
    }
}

fn table(
    title: &'static str,
    about: &'static str,
    mut all: Vec<TrafficOf>,
    link: Option<(&AppId, &str)>,
) -> AnyView {
    all.sort_by(|a, b| b.sum.requests.cmp(&a.sum.requests).then_with(|| a.name.cmp(&b.name)));
    let link = link.map(|(id, range)| format!("/apps/{id}/traffic?range={range}&domain="));
    let rows: Vec<_> = all
        .into_iter()
        .map(|of| {
            let name = if of.name == "-" { "the edge itself".to_owned() } else { of.name };
            let name = match &link {
                Some(link) => view! { <a href=format!("{link}{}", of.id)>{name}</a> }.into_any(),
                None => view! { <span class="mono break">{name}</span> }.into_any(),
            };
            view! {
                <li class="line">
                    <span class="grow">{name} <small class="quiet">{summary(&of.sum)}</small></span>
                </li>
            }
        })
        .collect();
    view! {
        <Section title about>
            <ul class="list">{rows}</ul>
        </Section>
    }
    .into_any()
}

fn often(title: &'static str, about: &'static str, all: Vec<Often>) -> impl IntoView {
    let rows: Vec<_> = all
        .into_iter()
        .take(ROWS)
        .map(|often| {
            let about =
                if often.over > 0 { format!(" (up to {} fewer)", count(often.over)) } else { String::new() };
            view! {
                <li class="line">
                    <span class="grow mono break">{often.name}</span>
                    <small class="quiet">{count(often.requests)} {about}</small>
                </li>
            }
        })
        .collect();
    (!rows.is_empty()).then(|| {
        view! {
            <Section title about>
                <ul class="list">{rows}</ul>
            </Section>
        }
    })
}

/// `1234 requests, 0.2 % failed, half within 12 ms, 95 of 100 within 80 ms`.
pub(super) fn summary(sum: &TrafficSum) -> String {
    let mut text = match sum.requests {
        1 => "1 request".to_owned(),
        requests => format!("{} requests", count(requests)),
    };
    if sum.error_share.is_some() {
        text += &format!(", {} failed", share(sum.error_share));
    }
    if let Some([half, most, _]) = sum.percentiles {
        text += &format!(", half within {}, 95 of 100 within {}", millis(half), millis(most));
    }
    text
}

fn share(share: Option<f64>) -> String {
    match share {
        None => "-".to_owned(),
        Some(share) if share > 0.0 && share < 0.001 => "less than 0.1 %".to_owned(),
        Some(share) => format!("{} %", figure(share * 100.0)),
    }
}

/// `1 234 567`: in groups of three.
fn count(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

/// Three digits at most where that says enough: `0.25`, `3.4`, `120`.
fn figure(value: f64) -> String {
    let text = match value {
        value if value >= 100.0 => format!("{value:.0}"),
        value if value >= 10.0 => format!("{value:.1}"),
        value => format!("{value:.2}"),
    };
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

fn per_second(value: f64) -> String {
    format!("{} a second", figure(value))
}

fn millis(value: f64) -> String {
    if value < 1_000.0 { format!("{} ms", figure(value)) } else { format!("{} s", figure(value / 1e3)) }
}

fn bytes(value: f64) -> String {
    let units = [("GB", 1e9), ("MB", 1e6), ("kB", 1e3)];
    let found = units.into_iter().find(|(_, size)| value >= *size);
    found.map_or_else(|| format!("{value:.0} B"), |(unit, size)| format!("{} {unit}", figure(value / size)))
}

fn bytes_per_second(value: f64) -> String {
    format!("{} a second", bytes(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_read_well() {
        assert_eq!(count(1_234_567), "1\u{202f}234\u{202f}567");
        assert_eq!((count(0), count(999)), ("0".to_owned(), "999".to_owned()));
        for (value, text) in [(0.0, "0"), (0.25, "0.25"), (3.4, "3.4"), (12.34, "12.3"), (200.0, "200")] {
            assert_eq!(figure(value), text);
        }
        assert_eq!((millis(12.5), millis(1_500.0)), ("12.5 ms".to_owned(), "1.5 s".to_owned()));
        assert_eq!((bytes(999.0), bytes(2_500_000.0)), ("999 B".to_owned(), "2.5 MB".to_owned()));
        assert_eq!(share(Some(0.0)), "0 %");
        assert_eq!(share(Some(0.0001)), "less than 0.1 %");
        assert_eq!(summary(&TrafficSum { requests: 1, ..TrafficSum::default() }), "1 request");
    }
}
