//! Read-only keys: the way from a request to the writer and back, and reading with one.

use dripline_shared::api::{
    HistoryPage, IssuedReadKey, ReadKeyList, ReadKeyListRequest, ReadKeyRequest, ReadKeyRevocation,
};
use dripline_shared::error::Code;
use dripline_shared::read_key::ReadKey;
use dripline_shared::wallet::Wallet;

use crate::check;
use crate::faucet::export::transaction;
use crate::faucet::{Faucet, HISTORY_MAX, Inner, unreadable};
use crate::play::prove;
use crate::read_key;
use crate::refusal::Refusal;
use crate::store::command::{IssueReadKey, RevokeReadKey};
use crate::store::{Answer, BoxedReader, Command};

impl Faucet {
    /// Issues a read-only key.
    pub async fn issue_read_key(&self, request: ReadKeyRequest) -> Result<IssuedReadKey, Refusal> {
        self.counted(self.inner.issue_read_key(request).await)
    }

    /// The read-only keys of a wallet that hold, for whoever signs for it.
    pub async fn list_read_keys(&self, request: ReadKeyListRequest) -> Result<ReadKeyList, Refusal> {
        self.counted(self.inner.list_read_keys(request).await)
    }

    /// Revokes a read-only key. Gives those that hold afterwards.
    pub async fn revoke_read_key(&self, request: ReadKeyRevocation) -> Result<ReadKeyList, Refusal> {
        self.counted(self.inner.revoke_read_key(request).await)
    }

    /// Whose history a read-only key reads.
    pub async fn read_key_wallet(&self, key: ReadKey) -> Result<Wallet, Refusal> {
        self.counted(self.inner.read_key_wallet(key).await)
    }

    /// A page of the history of whoever issued this key, with the transactions that paid withdrawals; as
    /// [`history`](Self::history) otherwise.
    pub async fn history_by_key(
        &self,
        key: ReadKey,
        before: Option<u64>,
        limit: u32,
    ) -> Result<HistoryPage, Refusal> {
        let wallet = self.read_key_wallet(key).await?;
        let limit = limit.clamp(1, HISTORY_MAX);
        let read = move |reader: &mut BoxedReader| {
            let mut page = reader.history(wallet, before, limit).map_err(unreadable)?;
            for entry in &mut page.entries {
                entry.transaction = transaction(reader, entry)?;
            }
            Ok(page)
        };
        self.counted(self.inner.readers.run(read).await.and_then(|page| page))
    }
}

impl Inner {
    async fn issue_read_key(&self, request: ReadKeyRequest) -> Result<IssuedReadKey, Refusal> {
        let now = self.edge.now();
        read_key::addressed(&self.in_force(), &request)?;
        let proven = move |_: &mut BoxedReader| {
            let hash = prove::signed(request.wallet, &request.statement(), &request.signature)?;
            Ok::<_, Refusal>((request, hash))
        };
        let (request, statement) = self.provers.run(proven).await??;
        let command = IssueReadKey { now, request, statement };
        match self.writer.change(Command::IssueReadKey(Box::new(command))).await? {
            Answer::ReadKeyIssued { record, .. } => Ok(read_key::issued(&self.in_force(), &record)),
            _ => Err(Code::Internal.into()),
        }
    }

    async fn list_read_keys(&self, request: ReadKeyListRequest) -> Result<ReadKeyList, Refusal> {
        let now = self.edge.now();
        read_key::addressed(&self.in_force(), &request)?;
        check::statement::issued_at(request.issued_at_ms, now)?;
        let wallet = request.wallet;
        let proven = move |_: &mut BoxedReader| {
            prove::signed(wallet, &request.statement(), &request.signature).map(drop)
        };
        self.provers.run(proven).await??;
        self.read_keys(wallet).await
    }

    async fn revoke_read_key(&self, request: ReadKeyRevocation) -> Result<ReadKeyList, Refusal> {
        let now = self.edge.now();
        read_key::addressed(&self.in_force(), &request)?;
        let wallet = request.wallet;
        let proven = move |_: &mut BoxedReader| {
            prove::signed(wallet, &request.statement(), &request.signature)?;
            Ok::<_, Refusal>(request)
        };
        let request = self.provers.run(proven).await??;
        self.writer.change(Command::RevokeReadKey(Box::new(RevokeReadKey { now, request }))).await?;
        self.read_keys(wallet).await
    }

    async fn read_keys(&self, wallet: Wallet) -> Result<ReadKeyList, Refusal> {
        let now = self.edge.now();
        let read = move |reader: &mut BoxedReader| {
            let records = reader.read_keys(wallet).map_err(unreadable)?;
            Ok(ReadKeyList { keys: read_key::views(records, now) })
        };
        self.readers.run(read).await?
    }

    async fn read_key_wallet(&self, key: ReadKey) -> Result<Wallet, Refusal> {
        let now = self.edge.now();
        let read = move |reader: &mut BoxedReader| {
            let found = reader.read_key(key.hash()).map_err(unreadable)?;
            let record = found.filter(|record| record.holds(now)).ok_or(Code::WrongReadKey)?;
            Ok(record.wallet)
        };
        self.readers.run(read).await?
    }
}
