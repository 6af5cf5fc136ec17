//! Roles: the provider's, and an application's.

use tollgate_scope_tests::acme::{
    self, Client, Connection, Partner, PartnerClient, Workspace,
    account::WhoAccount,
    audit::{ListAudit, ReportAudit},
    orders::{ArchiveOrder, CancelOrder, ListOrders},
    role::{Everything, Role, Seller, Support, lists},
    stock::CountStock,
};

tollgate::role! {
    /// Reads what the dashboard shows.
    pub struct Reporting: acme [audit, sales];
}
tollgate::role! { pub(crate) struct Auditor: tollgate_scope_tests::acme [audit,] }
tollgate::role! { struct Both: acme [supply, sales] }
tollgate::role! { struct Nothing: acme [] }

mod nested {
    tollgate::role! { pub struct Selling: tollgate_scope_tests::acme [sales] }
    tollgate::role! { pub struct Supplying: super::acme [supply] }
}

fn declared(everything: &PartnerClient<Everything>, seller: &PartnerClient<Seller>, support: &PartnerClient<Support>) {
    let _ = everything.orders().list(ListOrders::new());
    let _ = everything.audit().list(ListAudit::new());
    let _ = everything.verify();
    let _ = seller.orders().cancel(CancelOrder::new(7, "late"));
    let _ = support.audit().list(ListAudit::new());
    let _ = support.audit().report(ReportAudit::new());
    let _ = support.account().who(WhoAccount::new());
}

#[allow(deprecated)]
fn own(reporting: &PartnerClient<Reporting>, both: &PartnerClient<Both>, nothing: &PartnerClient<Nothing>) {
    let _ = reporting.orders().list(ListOrders::new());
    let _ = reporting.audit().list(ListAudit::new());
    let _ = reporting.orders().archive(ArchiveOrder::new(7));
    let _ = both.orders().cancel(CancelOrder::new(7, "late"));
    let _ = nothing.account().who(WhoAccount::new());
}

#[allow(deprecated)]
fn nested(selling: &PartnerClient<nested::Selling>, supplying: &PartnerClient<nested::Supplying>) {
    let _ = selling.orders().archive(ArchiveOrder::new(7));
    let _ = supplying.stock().count(CountStock::new());
}

fn made(connection: &Connection) -> PartnerClient<Reporting> {
    let token = Partner::<Reporting>::new("key", "tenant").trace("trace");
    drop(Client::with(connection, token.clone()));
    Client::with(connection, Partner::new("key", "tenant"))
}

fn kept(connection: &Connection) -> Result<PartnerClient<Auditor>, tollgate::NoSuchToken> {
    let workspace: Workspace = Workspace::new(connection).with("desk", Partner::<Auditor>::new("key", "tenant"));
    workspace.partner("desk")
}

// A role inside a function.
fn inside(connection: &Connection) {
    tollgate::role! { struct Local: acme [audit] }
    let _ = Client::with(connection, Partner::<Local>::new("key", "tenant"))
        .audit()
        .list(ListAudit::new());
}

fn narrowed(everything: &PartnerClient<Everything>, reporting: &PartnerClient<Reporting>) {
    let _: PartnerClient<Reporting> = everything.narrow();
    let _: PartnerClient<Auditor> = reporting.narrow();
    let _: PartnerClient<Seller> = everything.narrow();
    let _: PartnerClient<Support> = reporting.narrow();
    let _: PartnerClient<Nothing> = reporting.narrow();
    let _ = everything.narrow::<Partner<Reporting>>();
}

fn narrowed_by<R: lists::Audit + lists::Sales>(partner: &PartnerClient<R>) -> [PartnerClient<Reporting>; 2] {
    [partner.narrow(), partner.narrow()]
}

fn is_a_role<R: Role + Copy>() {}

fn main() {
    is_a_role::<Reporting>();
    assert_eq!(format!("{Reporting:?}"), "Reporting");
}
