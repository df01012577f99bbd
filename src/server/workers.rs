//! The threads that serve connections: one for each processor, each with a runtime of its own. A connection stays on the thread
//! that got it, and so does all that its calls start: their tasks, their timers, their connections to backends.
//!
//! One runtime over all processors would move each of these to whichever thread is free, and has to wake threads to look for
//! work: that costs a call more than the work that is shared. Who accepts hands each connection to the thread that has the
//! fewest. The system could do that too (`SO_REUSEPORT`), but by a hash: of the few connections that an identity provider
//! opens, all may then be one thread's.

use std::io;
use std::sync::Arc;
use std::thread;

use tokio::net::TcpStream;
use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

/// The threads that serve connections; by default only the one that accepts them.
#[derive(Debug, Default)]
pub struct Workers {
    /// For the connections of the thread that accepts them.
    here: Load,
    others: Vec<Worker>,
}

/// One more thread. It ends when this is dropped.
#[derive(Debug)]
struct Worker {
    runtime: Handle,
    load: Load,
    _ends: oneshot::Sender<()>,
}

/// The connections of a thread: each holds a clone.
#[derive(Clone, Debug, Default)]
struct Load(Arc<()>);

impl Load {
    fn connections(&self) -> usize {
        Arc::strong_count(&self.0)
    }
}

impl Workers {
    /// One thread for each processor; the one that calls is the first.
    ///
    /// # Errors
    /// The system doesn't let us.
    pub fn start() -> io::Result<Self> {
        let processors = thread::available_parallelism()?.get();
        Ok(Self { here: Load::default(), others: (1..processors).map(Worker::start).collect::<Result<_, _>>()? })
    }

    /// Serves a connection on the thread that has the fewest.
    pub(super) fn serve<F>(&self, stream: TcpStream, serve: impl FnOnce(TcpStream) -> F + Send + 'static)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let fewest = self.others.iter().min_by_key(|worker| worker.load.connections());
        match fewest.filter(|worker| worker.load.connections() < self.here.connections()) {
            Some(worker) => worker.serve(stream, serve),
            None => {
                let load = self.here.clone();
                tokio::spawn(async move {
                    serve(stream).await;
                    drop(load);
                });
            }
        }
    }
}

impl Worker {
    fn start(number: usize) -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let (handle, (ends, ended)) = (runtime.handle().clone(), oneshot::channel());
        thread::Builder::new().name(format!("worker-{number}")).spawn(move || runtime.block_on(ended))?;
        Ok(Self { runtime: handle, load: Load::default(), _ends: ends })
    }

    fn serve<F>(&self, stream: TcpStream, serve: impl FnOnce(TcpStream) -> F + Send + 'static)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let load = self.load.clone();
        // Who waits for its bytes is from now on the other thread.
        let stream = stream.into_std();
        self.runtime.spawn(async move {
            match stream.and_then(TcpStream::from_std) {
                Ok(stream) => serve(stream).await,
                Err(fault) => tracing::warn!(%fault, "a connection can't be handed to its thread"),
            }
            drop(load);
        });
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use tokio::io::AsyncReadExt;
    use tokio::net::TcpListener;

    use super::*;

    /// Opens a connection, whose thread tells its name and keeps it until its client hangs up.
    async fn open(workers: &Workers, listener: &TcpListener) -> (TcpStream, String) {
        let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (stream, _) = listener.accept().await.unwrap();
        let (tells, told) = oneshot::channel();
        workers.serve(stream, async move |mut stream: TcpStream| {
            let _ = tells.send(thread::current().name().unwrap_or("?").to_owned());
            let _ = stream.read_u8().await;
        });
        (client, told.await.unwrap())
    }

    fn of_three() -> Workers {
        Workers { others: (1..3).map(|number| Worker::start(number).unwrap()).collect(), ..Workers::default() }
    }

    #[tokio::test]
    async fn each_connection_goes_where_there_are_the_fewest() {
        let (workers, listener) = (of_three(), TcpListener::bind("127.0.0.1:0").await.unwrap());
        let here = thread::current().name().unwrap_or("?").to_owned();
        let mut clients = Vec::new();
        for expected in [&here, "worker-1", "worker-2", &here, "worker-1"] {
            let (client, name) = open(&workers, &listener).await;
            assert_eq!(name, *expected);
            clients.push(client);
        }
        // The two of `worker-1` hang up: once it knows, it has the fewest.
        drop((clients.remove(4), clients.remove(1)));
        while workers.others[0].load.connections() > 1 {
            tokio::task::yield_now().await;
        }
        assert_eq!(open(&workers, &listener).await.1, "worker-1");
    }

    #[test]
    fn a_thread_ends_with_what_it_serves_when_nobody_needs_it() {
        let worker = Worker::start(1).unwrap();
        let (tells, told) = mpsc::channel::<()>();
        worker.runtime.spawn(async move {
            std::future::pending::<()>().await;
            drop(tells);
        });
        drop(worker);
        assert_eq!(told.recv(), Err(mpsc::RecvError));
    }
}
