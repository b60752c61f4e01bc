//! Time zones by the names that calendars give them.

use chrono_tz::Tz;

/// Names of Windows and the zones they mean (Unicode CLDR, windowsZones, territory 001), for
/// America, Europe and where software is written; beyond them an hour is shown with the name.
const WINDOWS: [(&str, Tz); 32] = [
    ("UTC", Tz::UTC),
    ("Coordinated Universal Time", Tz::UTC),
    ("Central Standard Time (Mexico)", Tz::America__Mexico_City),
    ("Mountain Standard Time (Mexico)", Tz::America__Mazatlan),
    ("Pacific Standard Time (Mexico)", Tz::America__Tijuana),
    ("Eastern Standard Time (Mexico)", Tz::America__Cancun),
    ("Central America Standard Time", Tz::America__Guatemala),
    ("Hawaiian Standard Time", Tz::Pacific__Honolulu),
    ("Alaskan Standard Time", Tz::America__Anchorage),
    ("Pacific Standard Time", Tz::America__Los_Angeles),
    ("US Mountain Standard Time", Tz::America__Phoenix),
    ("Mountain Standard Time", Tz::America__Denver),
    ("Central Standard Time", Tz::America__Chicago),
    ("Canada Central Standard Time", Tz::America__Regina),
    ("Eastern Standard Time", Tz::America__New_York),
    (
        "US Eastern Standard Time",
        Tz::America__Indiana__Indianapolis,
    ),
    ("Atlantic Standard Time", Tz::America__Halifax),
    ("Cuba Standard Time", Tz::America__Havana),
    ("SA Pacific Standard Time", Tz::America__Bogota),
    ("SA Western Standard Time", Tz::America__La_Paz),
    ("Venezuela Standard Time", Tz::America__Caracas),
    ("Paraguay Standard Time", Tz::America__Asuncion),
    ("Pacific SA Standard Time", Tz::America__Santiago),
    ("SA Eastern Standard Time", Tz::America__Cayenne),
    (
        "Argentina Standard Time",
        Tz::America__Argentina__Buenos_Aires,
    ),
    ("Montevideo Standard Time", Tz::America__Montevideo),
    ("E. South America Standard Time", Tz::America__Sao_Paulo),
    ("GMT Standard Time", Tz::Europe__London),
    ("Romance Standard Time", Tz::Europe__Paris),
    ("W. Europe Standard Time", Tz::Europe__Berlin),
    ("India Standard Time", Tz::Asia__Kolkata),
    ("China Standard Time", Tz::Asia__Shanghai),
];

/// Most steps of a path that are a zone's own name: `America/Argentina/Buenos_Aires`.
const STEPS_MAX: usize = 3;

/// The zone that a `TZID` names: of the IANA database, alone or at the end of a path
/// (`/mozilla.org/20070129_1/America/Mexico_City`), or of Windows.
pub fn named(name: &str) -> Option<Tz> {
    let name = name.trim();
    if let Some((_, zone)) = WINDOWS
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(name))
    {
        return Some(*zone);
    }
    // From the longest end of the path to its last step.
    let mut ends: Vec<&str> = name
        .rmatch_indices('/')
        .take(STEPS_MAX)
        .filter_map(|(at, _)| name.get(at + 1..))
        .collect();
    ends.reverse();
    std::iter::once(name)
        .chain(ends)
        .find_map(|end| end.parse().ok())
}
