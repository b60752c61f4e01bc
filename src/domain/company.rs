//! Whom a consultant means who names a client and one of its authorizers (policy.md §9, `#nuevo`).

use chrono::NaiveDate;

use super::address::{Address, Person};
use super::authorizer::Authorizer;
use super::fold::fold_line;
use super::ticket::ClientRef;

/// A client as the directory holds it.
#[derive(Debug, Clone, PartialEq)]
pub struct Company {
    /// Who it is.
    pub client: ClientRef,
    /// Its mail domains.
    pub domains: Vec<String>,
    /// Its authorizers, by name; some may not be valid yet or any more.
    pub authorizers: Vec<Authorizer>,
}

impl Company {
    /// Who may open tickets on a local day, by name.
    pub fn openers(&self, day: NaiveDate) -> Vec<&Person> {
        let may_open = |entry: &&Authorizer| entry.may_open(day);
        let openers = self.authorizers.iter().filter(may_open);
        openers.map(|entry| &entry.person).collect()
    }

    fn lists(&self, address: &Address, day: NaiveDate) -> bool {
        let is_he = |entry: &Authorizer| entry.is_current(day) && entry.person.address == *address;
        self.authorizers.iter().any(is_he)
    }
}

/// What is known of the person for whom a ticket is to be opened.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asked<'a> {
    /// The client's name, as written.
    pub client: Option<&'a str>,
    /// The authorizer's name or address, as written.
    pub authorizer: Option<&'a str>,
    /// Who wrote the mail that is passed on.
    pub sender: Option<&'a Address>,
}

/// Why nobody is found.
#[derive(Debug, Clone, PartialEq)]
pub enum Unfound<'a> {
    /// Nothing says which client it is.
    ClientUnsaid,
    /// No client is called so, or several.
    NoSuchClient,
    /// It has several authorizers, and none is named.
    AuthorizerUnsaid(&'a Company),
    /// Who is named, or wrote the mail passed on, is no current authorizer who may open tickets.
    NoSuchAuthorizer(&'a Company),
    /// Nobody may open tickets for it.
    NoAuthorizers,
}

/// The client and its authorizer. What is written counts before the sender of a mail passed on, and
/// a client's only authorizer needs no name.
///
/// # Errors
/// Why there is nobody, or several.
pub fn find<'a>(
    directory: &'a [Company],
    asked: Asked,
    day: NaiveDate,
) -> Result<(&'a Company, &'a Person), Unfound<'a>> {
    let company = company(directory, asked, day)?;
    let openers = company.openers(day);
    let person = match (asked.authorizer, asked.sender) {
        (Some(named), _) => one(&openers, named, called).ok_or(Unfound::NoSuchAuthorizer(company)),
        (None, Some(sender)) => openers
            .iter()
            .find(|person| person.address == *sender)
            .copied()
            .ok_or(Unfound::NoSuchAuthorizer(company)),
        (None, None) => match openers.as_slice() {
            [only] => Ok(*only),
            _ => Err(Unfound::AuthorizerUnsaid(company)),
        },
    };
    match person {
        Ok(person) => Ok((company, person)),
        Err(_) if openers.is_empty() => Err(Unfound::NoAuthorizers),
        Err(unfound) => Err(unfound),
    }
}

fn company<'a>(
    directory: &'a [Company],
    asked: Asked,
    day: NaiveDate,
) -> Result<&'a Company, Unfound<'a>> {
    let all: Vec<&Company> = directory.iter().collect();
    if let Some(name) = asked.client {
        let names = |company: &&Company| vec![company.client.name.clone()];
        return one(&all, name, |company| names(&company)).ok_or(Unfound::NoSuchClient);
    }
    let address = asked.authorizer.and_then(Address::parse);
    let address = address.as_ref().or(asked.sender);
    let listing = address.and_then(|address| all.iter().find(|of| of.lists(address, day)));
    let of_domain = || {
        let address = address?;
        let has = |company: &&&Company| company.domains.iter().any(|d| d == address.domain());
        all.iter().find(has)
    };
    listing
        .or_else(of_domain)
        .copied()
        .ok_or(Unfound::ClientUnsaid)
}

/// A person's names: the address and the name in the directory.
fn called(person: &Person) -> Vec<String> {
    vec![person.address.to_string(), person.name.clone()]
}

/// The one that is called `wanted`, or whose name alone begins so; case, accents and the point at
/// the end are free.
fn one<'a, T: ?Sized>(
    among: &[&'a T],
    wanted: &str,
    names: impl Fn(&T) -> Vec<String>,
) -> Option<&'a T> {
    let plain = |name: &str| fold_line(name).trim_end_matches('.').to_owned();
    let wanted = plain(wanted);
    let fits = |how: fn(&str, &str) -> bool| {
        let mut fitting = among
            .iter()
            .filter(|one| names(one).iter().any(|name| how(&plain(name), &wanted)));
        fitting.next().filter(|_| fitting.next().is_none()).copied()
    };
    fits(|name, wanted| name == wanted).or_else(|| fits(|name, wanted| name.starts_with(wanted)))
}
