//! A chat server that costs next to nothing: one thread, replies made beforehand, no
//! look into a request beyond its length.
//!
//! Paths that begin with `/judge/` get a judge's reply, all others a persona's answer;
//! `/stats` tells what was served since `/reset`. It runs in a process of its own, so
//! that its time and memory are not the measured program's, and ends with its
//! standard input.

use std::error::Error;
use std::io::{Read, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use crate::english::English;

/// Replies of each kind; more than a dictionary can learn.
const POOL: usize = 4096;
/// Bytes of an answer's text, and of a judge's analysis.
const ANSWER: usize = 500;
const ANALYSIS: usize = 560;

/// What was served since the last reset.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Served {
    /// Answers of models.
    pub(crate) answers: u64,
    /// Judgments.
    pub(crate) judgments: u64,
    /// Mean bytes of a judgment's request body.
    pub(crate) judgment_bytes: f64,
    /// From the first request to the last reply, in seconds.
    pub(crate) seconds: f64,
    /// Mean time from a request's last byte to its reply, in seconds.
    pub(crate) service: f64,
    /// Most requests at one time.
    pub(crate) peak: u64,
}

/// Serves on a free loopback port, which is the first line of standard output.
pub(crate) fn serve(latency: Duration) -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let server = Arc::new(Server {
        judge: pool(judge_reply),
        model: pool(model_reply),
        counts: Mutex::default(),
        metronome: (!latency.is_zero()).then(|| metronome(latency)),
    });
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        writeln!(std::io::stdout(), "{}", listener.local_addr()?)?;
        let (ended, end) = oneshot::channel();
        std::thread::spawn(move || {
            let _ = std::io::stdin().read_to_end(&mut Vec::new());
            let _ = ended.send(());
        });
        let accept = async {
            loop {
                let (stream, _) = listener.accept().await?;
                tokio::spawn(connection(Arc::clone(&server), stream));
            }
        };
        tokio::select! {
            result = accept => result,
            _ = end => Ok(()),
        }
    })
}

struct Server {
    judge: Vec<Vec<u8>>,
    model: Vec<Vec<u8>>,
    counts: Mutex<Counts>,
    metronome: Option<mpsc::Sender<(Instant, oneshot::Sender<()>)>>,
}

#[derive(Default)]
struct Counts {
    answers: u64,
    judgments: u64,
    judgment_bytes: u64,
    first: Option<Instant>,
    last: Option<Instant>,
    left: u64,
    service: Duration,
    now: u64,
    peak: u64,
}

/// A request in the buffer: where it ends, and what it wants.
struct Asked {
    body: usize,
    end: usize,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Judge,
    Model,
    Models,
    Stats,
    Reset,
}

async fn connection(server: Arc<Server>, mut stream: TcpStream) {
    // A client that leaves ends its connection; that is no failure of the server.
    let _ = answer_all(&server, &mut stream).await;
}

async fn answer_all(server: &Server, stream: &mut TcpStream) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut read = Vec::with_capacity(32 * 1024);
    loop {
        while let Some(asked) = parse(&read) {
            let (kind, bytes) = (asked.kind, asked.end - asked.body);
            read.drain(..asked.end);
            match kind {
                Kind::Judge | Kind::Model => server.reply(stream, kind, bytes).await?,
                Kind::Models => stream.write_all(&http(r#"{"data": []}"#)).await?,
                Kind::Stats => stream.write_all(&server.stats()).await?,
                Kind::Reset => {
                    *server.counts() = Counts::default();
                    stream.write_all(&http("{}")).await?;
                }
            }
        }
        if stream.read_buf(&mut read).await? == 0 {
            return Ok(());
        }
    }
}

impl Server {
    async fn reply(&self, stream: &mut TcpStream, kind: Kind, bytes: usize) -> std::io::Result<()> {
        let came = Instant::now();
        let number = self.counts().came(kind, bytes, came);
        if let Some(metronome) = &self.metronome {
            let (strike, struck) = oneshot::channel();
            let _ = metronome.send((came, strike));
            let _ = struck.await;
        }
        let pool = if kind == Kind::Judge {
            &self.judge
        } else {
            &self.model
        };
        self.counts().left(came);
        stream.write_all(&pool[number as usize % POOL]).await
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn stats(&self) -> Vec<u8> {
        let counts = self.counts();
        let span = counts
            .first
            .zip(counts.last)
            .map(|(first, last)| last - first);
        let served = Served {
            answers: counts.answers,
            judgments: counts.judgments,
            judgment_bytes: counts.judgment_bytes as f64 / counts.judgments.max(1) as f64,
            seconds: span.unwrap_or_default().as_secs_f64(),
            service: counts.service.as_secs_f64() / counts.left.max(1) as f64,
            peak: counts.peak,
        };
        http(&serde_json::to_string(&served).unwrap_or_default())
    }
}

impl Counts {
    /// Counts a request; its number among those of its kind.
    fn came(&mut self, kind: Kind, bytes: usize, at: Instant) -> u64 {
        self.first.get_or_insert(at);
        self.now += 1;
        self.peak = self.peak.max(self.now);
        let count = if kind == Kind::Judge {
            self.judgment_bytes += bytes as u64;
            &mut self.judgments
        } else {
            &mut self.answers
        };
        *count += 1;
        *count
    }

    fn left(&mut self, came: Instant) {
        let now = Instant::now();
        self.last = Some(now);
        self.left += 1;
        self.service += now - came;
        self.now -= 1;
    }
}

/// Strikes each request when its latency is over. All wait equally long, so they come
/// due in the order in which they came; a thread of its own sleeps more exactly than
/// the runtime's timer, whose ticks are a millisecond.
fn metronome(latency: Duration) -> mpsc::Sender<(Instant, oneshot::Sender<()>)> {
    let (send, receive) = mpsc::channel::<(Instant, oneshot::Sender<()>)>();
    std::thread::spawn(move || {
        for (came, strike) in receive {
            std::thread::sleep((came + latency).saturating_duration_since(Instant::now()));
            let _ = strike.send(());
        }
    });
    send
}

/// The first request of a buffer, if all of it is there.
fn parse(read: &[u8]) -> Option<Asked> {
    let body = read.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let head = &read[..body];
    let end = body + content_length(head);
    let path = head.split(|&byte| byte == b' ').nth(1).unwrap_or_default();
    let kind = match path {
        path if path.ends_with(b"/models") => Kind::Models,
        b"/stats" => Kind::Stats,
        b"/reset" => Kind::Reset,
        path if path.starts_with(b"/judge/") => Kind::Judge,
        _ => Kind::Model,
    };
    (read.len() >= end).then_some(Asked { body, end, kind })
}

fn content_length(head: &[u8]) -> usize {
    const NAME: &[u8] = b"content-length:";
    let mut lines = head.split(|&byte| byte == b'\n');
    let line =
        lines.find(|line| line.len() > NAME.len() && line[..NAME.len()].eq_ignore_ascii_case(NAME));
    let digits = line.into_iter().flat_map(|line| &line[NAME.len()..]);
    digits
        .filter(|byte| byte.is_ascii_digit())
        .fold(0, |length, digit| length * 10 + usize::from(digit - b'0'))
}

fn pool(reply: fn(&mut English, usize) -> String) -> Vec<Vec<u8>> {
    let mut english = English::new(1);
    (0..POOL)
        .map(|number| http(&reply(&mut english, number)))
        .collect()
}

fn http(body: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

fn model_reply(english: &mut English, number: usize) -> String {
    completion(number, &english.text(ANSWER), 780)
}

fn judge_reply(english: &mut English, number: usize) -> String {
    // A little better than even for the answer shown first, with some ties.
    let label = |salt: usize| ["A", "B", "A", "B", "A", "Tie", "B", "A"][(number / salt) % 8];
    let text = format!(
        "{}\n\n{{\"persona_winner\": \"{}\", \"value_winner\": \"{}\", \"overall_winner\": \"{}\"}}",
        english.text(ANALYSIS),
        label(1),
        label(8),
        label(64)
    );
    completion(number, &text, 1150)
}

fn completion(number: usize, text: &str, prompt_tokens: usize) -> String {
    let tokens = text.len() / 4;
    serde_json::json!({
        "id": format!("chatcmpl-{:024x}", number * 0x9e37_79b9),
        "object": "chat.completion",
        "created": 1_767_225_600 + number,
        "model": "bench",
        "choices": [{
            "index": 0,
            "message": {"role": "assistant", "content": text},
            "finish_reason": "stop",
        }],
        "usage": {
            "prompt_tokens": prompt_tokens,
            "completion_tokens": tokens,
            "total_tokens": prompt_tokens + tokens,
        },
    })
    .to_string()
}
