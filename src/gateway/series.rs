//! Several writes to a backend, one after the other, that belong together: once the first is sent, the others follow, also when
//! the client hangs up. What became of them is logged then.
//!
//! All requests are ready before the first is sent, so that no rule refuses amid them.

use std::sync::Arc;

use http::{HeaderValue, Response};
use http_body_util::BodyExt;
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::bridge::{Answer, Heard, Series};
use crate::rules::{Head, Plan, Reply};
use crate::scim::{OperationKind, ScimError, Target, Version};

use super::answer::{self, Reading, Sent};
use super::connection::{Backend, Connection};
use super::exchange::{Going, heard, in_time};
use super::holds::Hold;
use super::plans::Cell;
use super::rebase::Rebase;
use super::recode::Recode;
use super::refusal::Refusal;
use super::translate::{Of, Translator};
use super::upstream::{Retry, Upstream, UpstreamBody, UpstreamFault};
use super::watcher::Watcher;

/// What hears the backend's answers to a bridge. All that it needs is its own, so that it may outlive the call.
#[derive(Clone, Debug)]
pub struct Ear {
    target: Target,
    asked: Target,
    near: Arc<Cell>,
    far: Arc<Cell>,
    watcher: Watcher,
    head: Arc<Head>,
    outwards: Rebase,
    backend: Version,
}

impl Ear {
    /// For answers to what is asked of this target, in place of what the client has asked.
    pub fn new<U>(connection: &Connection<U>, target: &Target, asked: &Target, head: &Arc<Head>) -> Self {
        Self {
            target: target.clone(),
            asked: asked.clone(),
            near: connection.plans.near(target).clone(),
            far: connection.plans.cell(asked).clone(),
            watcher: connection.watcher.clone(),
            head: head.clone(),
            outwards: connection.outwards.clone(),
            backend: connection.spoken.backend,
        }
    }

    /// Reads an answer: it has met the backend's pack only; a no, the client's pack too.
    pub async fn hear(
        &self,
        response: Response<UpstreamBody>,
        recode: Option<Recode>,
    ) -> Result<Answer<Sent>, Refusal> {
        let kind = self.target.operation.kind();
        // A bridge can do without the resource that a PUT answers with: it reads it.
        let wanted = if kind == OperationKind::Replace { OperationKind::Patch } else { kind };
        let judge = |reply: &mut Reply| {
            let changed = self.judge(&self.target, &self.near.inner, reply)?;
            let refused = reply.status >= 400;
            Ok(changed | (refused && self.judge(&self.asked, &self.far.outer, reply)?))
        };
        let translator = |status| {
            let of = Of::new(&self.target, &self.head, status);
            Translator::new(self.near.clone(), self.outwards.clone(), self.watcher.clone(), of).behind(recode)
        };
        let reading = Reading { kind: wanted, backend: self.backend, outwards: &self.outwards };
        answer::read(response, reading, Some(judge), translator).await
    }

    fn judge(&self, target: &Target, plan: &Plan, reply: &mut Reply) -> Result<bool, Refusal> {
        answer::judge(plan, target, &self.head, &self.watcher, reply)
    }
}

/// Writes that belong together, ready to be sent.
#[derive(Debug)]
pub(super) struct Run<U> {
    /// Where they go.
    pub backend: Arc<Backend<U>>,
    /// What is sent, and what hears the answer.
    pub requests: Vec<(Going, Ear)>,
    /// Nobody else here writes the resource until they have come to an end.
    pub hold: Option<Arc<Hold>>,
    /// When they have to be done.
    pub until: Option<Instant>,
    /// Under which id the call is known.
    pub request_id: HeaderValue,
}

impl<U: Upstream> Run<U> {
    /// Sends them, one after the other, until one fails; also when nobody waits for it any more.
    pub async fn go(self) -> Result<Series<Sent>, Refusal> {
        let (waits, comes) = oneshot::channel();
        let (all, request_id) = (self.requests.len(), self.request_id.clone());
        tokio::spawn(async move {
            let outcome = self.each().await;
            if let Err(outcome) = waits.send(outcome) {
                let (made, stopped) = match &outcome {
                    Ok(Series::Stopped { done, .. } | Series::Broken { done, .. }) => (*done, true),
                    Ok(_) => (all, false),
                    Err(_) => (0, true),
                };
                let request_id = request_id.to_str().unwrap_or_default();
                tracing::warn!(
                    target: "scimgate::access",
                    request_id, made, all, stopped,
                    "writes that belong together have ended after the caller hung up"
                );
            }
        });
        comes.await.unwrap_or_else(|_| Err(Refusal::Upstream(UpstreamFault::Reset)))
    }

    async fn each(self) -> Result<Series<Sent>, Refusal> {
        let Self { backend, requests, hold: _hold, until, .. } = self;
        let last = requests.len().saturating_sub(1);
        for (done, (Going { request, recode, draw, .. }, ear)) in requests.into_iter().enumerate() {
            if let Err(exhausted) = backend.budget.wait(draw, until).await {
                return Ok(broken(done, false, &Refusal::exhausted(exhausted)));
            }
            let response = match in_time(until, || backend.upstream.call(request, Retry::Write)).await {
                Ok(response) => response,
                Err(refusal) => return Ok(broken(done, !was_never_sent(&refusal), &refusal)),
            };
            if done < last && response.status().is_success() {
                drained(response.into_body()).await;
                continue;
            }
            match ear.hear(response, recode).await {
                Ok(answer) if (200..300).contains(&answer.status) && done < last => {}
                Ok(answer) if (200..300).contains(&answer.status) => {
                    let heard = heard(answer).await;
                    return Ok(heard.map_or_else(|refusal| broken(done, true, &refusal), Series::Done));
                }
                Ok(answer) => return Ok(Series::Stopped { done, answer }),
                Err(refusal) => return Ok(broken(done, true, &refusal)),
            }
        }
        Ok(Series::Done(Heard::Unasked))
    }
}

fn broken(done: usize, is_unknown: bool, refusal: &Refusal) -> Series<Sent> {
    let error: ScimError = refusal.error();
    Series::Broken { done, is_unknown, error }
}

/// Whether the backend can't have got a request that ended so.
fn was_never_sent(refusal: &Refusal) -> bool {
    use UpstreamFault::{Busy, ConnectTimeout, Dns, Grant, Refused, Tls, Unreachable};
    match refusal {
        Refusal::Upstream(fault) => matches!(fault, Busy | ConnectTimeout | Dns | Grant | Refused | Tls | Unreachable),
        // It would have come too late.
        _ => true,
    }
}

/// Lets the body of an answer go by, so that its connection serves the next call.
async fn drained(mut body: UpstreamBody) {
    while let Some(Ok(_)) = body.frame().await {}
}
