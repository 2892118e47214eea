//! Charts over time, drawn on the server: they are complete without a script, and take their colours from
//! the style sheet, so that light and dark are the same drawing.

use leptos::prelude::*;

use crate::api::Time;

/// The drawing's own units; the page stretches it.
const WIDTH: f64 = 600.0;
/// As [`WIDTH`].
const HEIGHT: f64 = 120.0;

/// One figure over time.
pub struct Series {
    /// What it is, for the legend: `5xx`.
    pub name: &'static str,
    /// Its colour: `good`, `busy`, `warn`, `bad`, `off`.
    pub tone: &'static str,
    /// One for each step; none where there is nothing to tell.
    pub values: Vec<Option<f64>>,
}

/// Figures over a time, as areas upon each other or as lines.
#[component]
pub fn Chart(
    /// What is shown, for screen readers, with the most important figure.
    #[prop(into)]
    label: String,
    /// The figures, from the bottom.
    series: Vec<Series>,
    /// Upon each other.
    stacked: bool,
    /// The time from left to right.
    time: (Time, Time),
    /// Times within that, of which figures are missing.
    missing: Vec<(Time, Time)>,
    /// A figure in words: `12 ms`.
    unit: fn(f64) -> String,
) -> AnyView {
    let top = top(&series, stacked);
    let drawn: Vec<_> = if stacked { areas(&series, top) } else { lines(&series, top) };
    let class = if stacked { "area" } else { "line" };
    let drawn: Vec<_> = drawn
        .into_iter()
        .zip(&series)
        .map(|(path, series)| view! { <path class=class data-tone=series.tone d=path></path> })
        .collect();
    let span = (time.1.0 - time.0.0).max(1) as f64;
    let place = |at: Time| ((at.0 - time.0.0) as f64 / span * WIDTH).clamp(0.0, WIDTH);
    let missing: Vec<_> = missing
        .into_iter()
        .map(|(from, until)| {
            let (x, end) = (place(from), place(until));
            let width = (end - x).max(1.0);
            view! { <rect class="missing" x=round(x) y="0" width=round(width) height=round(HEIGHT)></rect> }
        })
        .collect();
    let legend: Vec<_> =
        series.iter().map(|series| view! { <li data-tone=series.tone>{series.name}</li> }).collect();
    view! {
        <figure class="chart">
            <p class="chart-top" aria-hidden="true">
                <span>{unit(top)}</span>
                <span class="chart-half">{unit(top / 2.0)}</span>
            </p>
            <svg
                role="img"
                aria-label=label
                viewBox=format!("0 0 {WIDTH} {HEIGHT}")
                preserveAspectRatio="none"
            >
                {missing}
                <path class="grid" d=format!("M0 0H{WIDTH}M0 {}H{WIDTH}M0 {HEIGHT}H{WIDTH}", HEIGHT / 2.0)></path>
                {drawn}
            </svg>
            <figcaption>
                <time datetime=time.0.rfc3339()>{moment(time.0, time)}</time>
                <ul class="legend">{legend}</ul>
                <time datetime=time.1.rfc3339()>{moment(time.1, time)}</time>
            </figcaption>
        </figure>
    }
    .into_any()
}

/// The clock for a day or less, else the date.
fn moment(at: Time, (from, until): (Time, Time)) -> String {
    if until.0 - from.0 <= 86_400_000 { at.clock()[..5].to_owned() } else { at.date() }
}

/// A round figure that none of them passes.
fn top(series: &[Series], stacked: bool) -> f64 {
    let steps = series.iter().map(|series| series.values.len()).max().unwrap_or(0);
    let at = |step: usize| series.iter().filter_map(move |series| series.values.get(step).copied().flatten());
    let most = (0..steps).map(|step| if stacked { at(step).sum() } else { at(step).fold(0.0, f64::max) });
    let most = most.fold(0.0, f64::max);
    if most <= 0.0 {
        return 1.0;
    }
    let whole = 10_f64.powf(most.log10().floor());
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|n| n * whole).find(|top| *top >= most).unwrap_or(most)
}

/// Blocks, each series upon those before it.
fn areas(series: &[Series], top: f64) -> Vec<String> {
    let steps = series.iter().map(|series| series.values.len()).max().unwrap_or(0);
    let mut floor = vec![0.0; steps];
    let mut paths = Vec::with_capacity(series.len());
    for series in series {
        let mut path = String::new();
        for (step, value) in series.values.iter().enumerate() {
            let value = value.unwrap_or(0.0);
            if value > 0.0 {
                let (x, end) = (x(step, steps), x(step + 1, steps));
                let (low, high) = (y(floor[step], top), y(floor[step] + value, top));
                path += &format!("M{} {}H{}V{}H{}z", round(x), round(low), round(end), round(high), round(x));
            }
            floor[step] += value;
        }
        paths.push(path);
    }
    paths
}

/// One line for each series, with holes where there is nothing.
fn lines(series: &[Series], top: f64) -> Vec<String> {
    let line = |series: &Series| {
        let (steps, mut path, mut pen) = (series.values.len(), String::new(), 'M');
        for (step, value) in series.values.iter().enumerate() {
            let Some(value) = value else {
                pen = 'M';
                continue;
            };
            let high = round(y(*value, top));
            path += &format!("{pen}{} {high}H{}", round(x(step, steps)), round(x(step + 1, steps)));
            pen = 'L';
        }
        path
    };
    series.iter().map(line).collect()
}

fn x(step: usize, steps: usize) -> f64 {
    WIDTH * step as f64 / steps.max(1) as f64
}

fn y(value: f64, top: f64) -> f64 {
    HEIGHT * (1.0 - value / top)
}

/// To a tenth, which is less than anybody sees.
fn round(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(values: &[Option<f64>]) -> Series {
        Series { name: "x", tone: "good", values: values.to_vec() }
    }

    #[test]
    fn areas_stand_upon_each_other_and_never_pass_the_top() {
        let all = [series(&[Some(3.0), None]), series(&[Some(1.0), Some(2.0)])];
        assert_eq!(top(&all, true), 5.0);
        assert_eq!(top(&all, false), 5.0);
        assert_eq!(areas(&all, 4.0), ["M0 120H300V30H0z", "M0 30H300V0H0zM300 120H600V60H300z"]);
    }

    #[test]
    fn a_line_has_a_hole_where_there_is_nothing() {
        let all = [series(&[Some(1.0), None, Some(2.0), Some(0.0)])];
        assert_eq!(lines(&all, 2.0), ["M0 60H150M300 0H450L450 120H600"]);
    }

    #[test]
    fn the_top_is_round() {
        for (most, round) in
            [(0.0, 1.0), (0.3, 0.5), (1.0, 1.0), (7.0, 10.0), (180.0, 200.0), (2_001.0, 5_000.0)]
        {
            assert!((top(&[series(&[Some(most)])], false) - round).abs() < 1e-9, "{most}");
        }
        assert_eq!(top(&[], true), 1.0);
    }
}
