//! The page's colours as people with a colour vision deficiency see them, by the model of Machado, Oliveira and Fernandes
//! (2009) at full severity: neighbouring steps of each ramp stay apart in both themes.

use std::collections::BTreeMap;

const STYLE: &str = include_str!("../../../templates/static/page.css");

type Matrix = [[f64; 3]; 3];

const SIGHTS: [(&str, Matrix); 4] = [
    ("normal", [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]),
    (
        "protanopia",
        [
            [0.152_286, 1.052_583, -0.204_868],
            [0.114_503, 0.786_281, 0.099_216],
            [-0.003_882, -0.048_116, 1.051_998],
        ],
    ),
    (
        "deuteranopia",
        [
            [0.367_322, 0.860_646, -0.227_968],
            [0.280_085, 0.672_501, 0.047_413],
            [-0.011_820, 0.042_940, 0.968_881],
        ],
    ),
    (
        "tritanopia",
        [
            [1.255_528, -0.076_749, -0.178_779],
            [-0.078_411, 0.930_809, 0.147_602],
            [0.004_733, 0.691_367, 0.303_900],
        ],
    ),
];

/// Ramps and drawings by the names of their colours; each stands beside the next.
const RAMPS: [&[&str]; 6] = [
    &["none", "partial", "full"],
    &["none", "quarter", "half-of", "most"],
    &["behind-soft", "none", "ahead-soft"],
    &["card", "half", "median"],
    &["card", "band", "you"],
    &["behind", "quiet", "ahead"],
];

/// The least difference (CIE76) between neighbours. About 2 can be seen side by side.
const LEAST: f64 = 8.0;

/// The colours of a part of the stylesheet.
fn colours(part: &str) -> BTreeMap<&str, [f64; 3]> {
    let declared = part.split("--").skip(1).filter_map(|one| one.split_once(": #"));
    let read = declared.map(|(name, rest)| {
        let hex = rest.split(';').next().unwrap();
        let digits = hex.len() / 3;
        let channel = |at: usize| {
            let text = &hex[at * digits..(at + 1) * digits];
            let text = if digits == 1 { text.repeat(2) } else { text.to_owned() };
            f64::from(u8::from_str_radix(&text, 16).unwrap()) / 255.0
        };
        (name, [channel(0), channel(1), channel(2)])
    });
    read.collect()
}

/// A colour in CIELAB as somebody sees it.
fn seen(colour: [f64; 3], sight: &Matrix) -> [f64; 3] {
    let linear = colour.map(|c| if c <= 0.040_45 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) });
    let times =
        |matrix: &Matrix, v: [f64; 3]| matrix.map(|row| row.iter().zip(v).map(|(a, b)| a * b).sum::<f64>());
    let [red, green, blue] = times(sight, linear).map(|c| c.clamp(0.0, 1.0));
    const TO_XYZ: Matrix = [
        [0.412_456, 0.357_576, 0.180_438],
        [0.212_673, 0.715_152, 0.072_175],
        [0.019_334, 0.119_192, 0.950_304],
    ];
    let [x, y, z] = times(&TO_XYZ, [red, green, blue]);
    let f = |t: f64| if t > 216.0 / 24_389.0 { t.cbrt() } else { (24_389.0 / 27.0 * t + 16.0) / 116.0 };
    let (x, y, z) = (f(x / 0.950_47), f(y), f(z / 1.088_83));
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

#[test]
fn neighbouring_steps_stay_apart_for_every_sight() {
    let (light, rest) = STYLE.split_once("@media (prefers-color-scheme: dark)").unwrap();
    let dark = rest.split("\n}\n").next().unwrap();
    let light = colours(light);
    let mut in_the_dark = light.clone();
    in_the_dark.extend(colours(dark));
    assert_ne!(light, in_the_dark);
    let mut close = Vec::new();
    for (theme, colours) in [("light", light), ("dark", in_the_dark)] {
        for (sight, matrix) in &SIGHTS {
            for pair in RAMPS.iter().flat_map(|ramp| ramp.windows(2)) {
                let [one, other] = [pair[0], pair[1]].map(|name| seen(colours[name], matrix));
                let apart = one.iter().zip(other).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt();
                if apart < LEAST {
                    close.push(format!("{theme}, {sight}: {} and {} are {apart:.1} apart", pair[0], pair[1]));
                }
            }
        }
    }
    assert!(close.is_empty(), "{}", close.join("\n"));
}
