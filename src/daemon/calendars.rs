//! Clients' own support hours: from the text that the directory keeps to the calendar that the rules
//! count with (policy.md §7).

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use chrono_tz::Tz;

use crate::config::clients::client_calendar;
use crate::domain::calendar::Calendar;
use crate::domain::case::Case;
use crate::domain::ticket::{ClientRef, Ticket};
use crate::store::{Result, StoreError};

/// Most calendars kept; beyond it all are made anew, which costs some microseconds each.
const KEPT_MAX: usize = 1_000;

/// Makes calendars, and keeps what it made: by their text, so that a change of the directory beside
/// the running daemon counts at once.
#[derive(Debug)]
pub struct Calendars {
    zone: Tz,
    made: Mutex<BTreeMap<String, Arc<Calendar>>>,
}

impl Calendars {
    /// None made yet; `zone` is the service's.
    pub fn new(zone: Tz) -> Self {
        Self {
            zone,
            made: Mutex::default(),
        }
    }

    /// Fills in the calendars of every client in `case`.
    ///
    /// # Errors
    /// The directory holds a text that `clients import` would not have taken.
    pub fn fit(&self, case: &mut Case) -> Result<()> {
        let standing = &mut case.standing;
        let listed = standing.listed.as_mut().map(|listed| &mut listed.client);
        let clients = listed
            .into_iter()
            .chain(&mut standing.domain_client)
            .chain(&mut standing.release_client)
            .chain(case.companies.iter_mut().map(|company| &mut company.client));
        for client in clients {
            self.fit_client(client)?;
        }
        let overview = &mut case.overview.tickets;
        for ticket in case.tickets.values_mut().chain(overview) {
            self.fit_ticket(ticket)?;
        }
        Ok(())
    }

    /// Fills in the calendar of a ticket's client.
    ///
    /// # Errors
    /// As [`Calendars::fit`].
    pub fn fit_ticket(&self, ticket: &mut Ticket) -> Result<()> {
        self.fit_client(&mut ticket.client)
    }

    fn fit_client(&self, client: &mut ClientRef) -> Result<()> {
        client.calendar = match &client.hours {
            Some(text) => Some(self.of(text, &client.name)?),
            None => None,
        };
        Ok(())
    }

    fn of(&self, text: &str, client: &str) -> Result<Arc<Calendar>> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(calendar) = made.get(text) {
            return Ok(Arc::clone(calendar));
        }
        let calendar = client_calendar(text, self.zone)
            .map_err(|_| StoreError::Unreadable(format!("support hours of {client}")))?;
        let calendar = Arc::new(calendar);
        if made.len() >= KEPT_MAX {
            made.clear();
        }
        made.insert(text.to_owned(), Arc::clone(&calendar));
        Ok(calendar)
    }
}
