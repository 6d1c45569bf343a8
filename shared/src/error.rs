//! Every refusal has a stable code. A client may rely on codes; titles and details may change.

use serde::{Deserialize, Serialize};

macro_rules! codes {
    (
        players: { $($(#[$meta:meta])* $name:ident = $text:literal, $status:literal, $title:literal;)* }
        programs: { $($program:ident = $program_text:literal, $program_status:literal, $program_title:literal;)* }
        operators: { $($operator:ident = $operator_text:literal, $operator_status:literal, $operator_title:literal;)* }
    ) => {
        /// Why a request was refused.
        ///
        /// The players' page knows the players' codes alone: those of operators would weigh in it, and so would those that only other
        /// programs of players can meet.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
        #[serde(rename_all = "snake_case")]
        pub enum Code {
            $(
                #[doc = $title]
                $(#[$meta])*
                #[serde(rename = $text)]
                $name,
            )*
            $(
                #[doc = $program_title]
                #[cfg(feature = "operators")]
                #[serde(rename = $program_text)]
                $program,
            )*
            $(
                #[doc = $operator_title]
                #[cfg(feature = "operators")]
                #[serde(rename = $operator_text)]
                $operator,
            )*
        }

        crate::json::json_word!(Code, Self::Internal);

        impl Code {
            /// All codes.
            pub const ALL: &'static [Self] = &[
                $(Self::$name,)*
                $(
                    #[cfg(feature = "operators")]
                    Self::$program,
                )*
                $(
                    #[cfg(feature = "operators")]
                    Self::$operator,
                )*
            ];

            /// Those that players and their programs can meet.
            pub const OF_PLAYERS: &'static [Self] = &[
                $(Self::$name,)*
                $(
                    #[cfg(feature = "operators")]
                    Self::$program,
                )*
            ];

            /// As on the wire.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                    $(
                        #[cfg(feature = "operators")]
                        Self::$program => $program_text,
                    )*
                    $(
                        #[cfg(feature = "operators")]
                        Self::$operator => $operator_text,
                    )*
                }
            }

            /// The HTTP status that it is answered with.
            pub const fn status(self) -> u16 {
                match self {
                    $(Self::$name => $status,)*
                    $(
                        #[cfg(feature = "operators")]
                        Self::$program => $program_status,
                    )*
                    $(
                        #[cfg(feature = "operators")]
                        Self::$operator => $operator_status,
                    )*
                }
            }

            /// A short sentence for people.
            pub const fn title(self) -> &'static str {
                match self {
                    $(Self::$name => $title,)*
                    $(
                        #[cfg(feature = "operators")]
                        Self::$program => $program_title,
                    )*
                    $(
                        #[cfg(feature = "operators")]
                        Self::$operator => $operator_title,
                    )*
                }
            }
        }
    };
}

codes! {
    players: {
        // The request itself.
        InvalidJson = "invalid_json", 400, "The body is not JSON, or nested too deeply";
        InvalidRequest = "invalid_request", 422, "A field is missing, unknown or of the wrong type";
        InvalidParameter = "invalid_parameter", 400, "A part of the address is not what it should be";
        UnsupportedMediaType = "unsupported_media_type", 415, "The content type is not the expected one";
        BodyTooLarge = "body_too_large", 413, "The body is too large";
        RequestTimeout = "request_timeout", 408, "The body took too long to arrive";
        NotFound = "not_found", 404, "There is nothing at this address";
        MethodNotAllowed = "method_not_allowed", 405, "This address does not answer this method";
        RateLimited = "rate_limited", 429, "Too many requests from this network address";
        // Wallets and statements.
        InvalidWallet = "invalid_wallet", 422, "The wallet is not 32 bytes of base58 that are a key";
        WeakWallet = "weak_wallet", 422, "The wallet is a weak key";
        InvalidSignature = "invalid_signature", 422, "The signature is not 64 bytes of base58";
        BadSignature = "bad_signature", 403, "The signature does not match the statement";
        StatementTooOld = "statement_too_old", 403, "The statement was issued too long ago";
        StatementFromFuture = "statement_from_future", 403, "The statement was issued in the future";
        WrongFaucet = "wrong_faucet", 403, "The statement is for another faucet";
        WrongOrigin = "wrong_origin", 403, "The statement is of a page that may not prompt for this faucet";
        // Opening.
        UnknownLevel = "unknown_level", 404, "There is no such level";
        UnknownCampaign = "unknown_campaign", 404, "There is no such campaign";
        CampaignEnded = "campaign_ended", 403, "The campaign has ended";
        LevelNotInCampaign = "level_not_in_campaign", 403, "The campaign does not pay for this level";
        NotInAudience = "not_in_audience", 403, "The campaign is not for this wallet";
        VoucherUnknown = "voucher_unknown", 403, "There is no such voucher of the campaign";
        VoucherUsed = "voucher_used", 409, "The voucher was used by another wallet";
        VoucherExpired = "voucher_expired", 403, "The voucher has expired";
        LevelLocked = "level_locked", 403, "The level is not unlocked yet";
        LevelStopped = "level_stopped", 403, "The level has been stopped by the operator";
        RulesOutdated = "rules_outdated", 409, "The page is older than the rules: reload it";
        ClientIdReused = "client_id_reused", 409, "The client id was used with other content";
        RoundOpen = "round_open", 409, "Another round of this wallet is open";
        AttemptsUsedUp = "attempts_used_up", 429, "The wallet has no attempts left for now";
        OpensUsedUp = "opens_used_up", 429, "This network has opened too many rounds for now";
        // Playing.
        RoundUnknown = "round_unknown", 404, "There is no such round";
        WrongToken = "wrong_token", 401, "The round's token is missing or wrong";
        RoundExpired = "round_expired", 410, "The round has expired";
        RoundEnded = "round_ended", 409, "The round was ended without a claim";
        SegmentEarly = "segment_early", 409, "The segment arrives before it can have been played";
        SegmentLate = "segment_late", 410, "The segment arrives after the allowance for pauses";
        SegmentOutOfOrder = "segment_out_of_order", 409, "The segment before it has not arrived";
        SegmentConflict = "segment_conflict", 409, "The segment was stored with other bytes";
        SegmentMalformed = "segment_malformed", 422, "The bytes are not the one encoding of inputs";
        SegmentAfterFinal = "segment_after_final", 409, "The round already has its final segment";
        // Claiming.
        RoundNotFinished = "round_not_finished", 409, "The round has no final segment yet";
        RoundClaimed = "round_claimed", 409, "The round was claimed with another signature";
        TranscriptInvalid = "transcript_invalid", 422, "The transcript has an input that is not one";
        TranscriptTooShort = "transcript_too_short", 422, "The transcript ends before its game";
        TranscriptTooLong = "transcript_too_long", 422, "The transcript goes on after its game ended";
        GoalNotMet = "goal_not_met", 422, "The goal of the level was not met";
        RulesChanged = "rules_changed", 409, "The rules of the game changed since the round was opened";
        Cooldown = "cooldown", 429, "The level does not pay this wallet again yet";
        DripsUsedUp = "drips_used_up", 429, "The wallet has had its drips for now";
        CeilingReached = "ceiling_reached", 429, "The faucet pays no more for the moment";
        BudgetUsedUp = "budget_used_up", 403, "The campaign's budget is used up";
        // Payouts.
        UnknownRail = "unknown_rail", 404, "There is no such rail";
        UnknownAsset = "unknown_asset", 404, "The rail does not pay this asset";
        WithdrawalUnknown = "withdrawal_unknown", 404, "There is no such withdrawal";
        WalletUnknown = "wallet_unknown", 404, "The wallet has not played here yet";
        InvalidAddress = "invalid_address", 422, "The address is not one of this rail";
        OwnAddress = "own_address", 422, "The address is the faucet's own";
        AddressNotSet = "address_not_set", 409, "No payout address is set for this rail";
        AddressDiffers = "address_differs", 409, "The address is not the one that is set for this rail";
        AddressWaiting = "address_waiting", 409, "The payout address is new and is not paid to yet";
        BelowThreshold = "below_threshold", 422, "The amount is less than can be withdrawn";
        AboveMaximum = "above_maximum", 422, "The amount is more than can be withdrawn at once";
        BalanceTooLow = "balance_too_low", 409, "The wallet has less than the amount";
        FeeAboveMaximum = "fee_above_maximum", 409, "The fee is more than the request allows";
        OwnershipNeeded = "ownership_needed", 422, "The owner of the address has to prove that it is theirs";
        BalanceMoved = "balance_moved", 409, "What this key had was moved to a wallet: it plays for itself no more";
        WalletBanned = "wallet_banned", 403, "The operator has excluded this wallet";
        // Keys that play for wallets.
        NotDelegated = "not_delegated", 403, "The wallet does not let this key play for it, or not any more";
        // Read-only keys.
        WrongReadKey = "wrong_read_key", 401, "The read-only key is missing or wrong, or holds no more";
        ReadKeyUnknown = "read_key_unknown", 404, "There is no such read-only key";
        ReadKeysUsedUp = "read_keys_used_up", 409, "The wallet has as many read-only keys as it may have";
        RailUnreachable = "rail_unreachable", 503, "The rail cannot ask its chain what the payout costs";
        // The log of transfers.
        LogUnknown = "log_unknown", 404, "The log has no such leaf or size";
        // The server.
        Overloaded = "overloaded", 503, "The server is busy";
        StorageUnavailable = "storage_unavailable", 503, "The server cannot reach its storage";
        ShuttingDown = "shutting_down", 503, "The server is shutting down";
        PageNotBuilt = "page_not_built", 404, "This server was built without its pages";
        Internal = "internal", 500, "Something went wrong in the server";
    }
    programs: {
        // Opening: what the page does not ask for.
        CampaignNotStarted = "campaign_not_started", 403, "The campaign has not started yet";
        // Sites and their servers.
        UnknownSite = "unknown_site", 404, "There is no such site";
        LevelNotOfSite = "level_not_of_site", 403, "The site does not show this level";
        CampaignNotOfSite = "campaign_not_of_site", 403, "The site's rounds are not paid by this campaign";
        RoundNotOfSite = "round_not_of_site", 409, "The round was not opened on a site's page";
        RoundNotClaimed = "round_not_claimed", 409, "The round was not claimed yet";
        OriginNotOfSite = "origin_not_of_site", 403, "The page is of no origin of the site";
        SecretUnknown = "secret_unknown", 401, "No site has this secret";
        TokenUnknown = "token_unknown", 422, "That is no verification token of this faucet";
        TokenOfOtherSite = "token_of_other_site", 403, "The verification token is for another site";
        TokenExpired = "token_expired", 410, "The round was claimed too long ago to be verified";
        TokenSpent = "token_spent", 409, "The round was verified before";
        WrongStatisticsKey = "wrong_statistics_key", 401, "The key of the site's statistics is missing or wrong, or holds no more";
        // Keys that play for wallets.
        DelegationUnknown = "delegation_unknown", 404, "There is no such delegation, or it holds no more";
        DelegationsUsedUp = "delegations_used_up", 409, "The wallet has as many delegations as it may have";
        // Moving what a guest's key has.
        RoundUnclaimed = "round_unclaimed", 409, "A round of this key can still be claimed: claim or end it first";
        WithdrawalPending = "withdrawal_pending", 409, "A withdrawal of this key has not ended";
        MoveWaiting = "move_waiting", 409, "The wallet has not let this key play for it for long enough to get what it has";
        WalletHeld = "wallet_held", 403, "The operator looks at this wallet: what it has cannot move meanwhile";
    }
    operators: {
        // The catalog.
        CatalogInvalid = "catalog_invalid", 422, "The catalog has mistakes";
        CatalogPinned = "catalog_pinned", 409, "The catalog is pinned to a file, and changed there";
        CatalogChanged = "catalog_changed", 409, "Another catalog has come into force meanwhile";
        CatalogUnchanged = "catalog_unchanged", 409, "That catalog is in force already";
        CatalogScheduled = "catalog_scheduled", 409, "Another publication waits to come into force";
        PublicationUnknown = "publication_unknown", 404, "There is no such publication";
        PublicationPast = "publication_past", 409, "The publication does not wait any more";
        DraftUnknown = "draft_unknown", 404, "There is no such draft";
        DraftChanged = "draft_changed", 409, "The draft was changed meanwhile";
        DraftsUsedUp = "drafts_used_up", 409, "There are as many drafts as there may be";
        // What consoles are told.
        ListenersUsedUp = "listeners_used_up", 503, "As many consoles listen as may";
        // Vouchers.
        VouchersUnknown = "vouchers_unknown", 404, "No such vouchers were made";
        VouchersUsedUp = "vouchers_used_up", 409, "The campaign has as many vouchers as it may have";
        // Sites.
        SiteInvalid = "site_invalid", 422, "What is said of the site has mistakes";
        SiteTaken = "site_taken", 409, "There is a site with this id, or was one";
        SiteChanged = "site_changed", 409, "The site was changed meanwhile";
        SiteEnded = "site_ended", 409, "The site has ended";
        SitesUsedUp = "sites_used_up", 409, "There are as many sites as there may be";
        // Webhooks of sites.
        WebhookInvalid = "webhook_invalid", 422, "What is said of the webhook has mistakes";
        WebhookUnknown = "webhook_unknown", 404, "The site has no such webhook";
        WebhooksUsedUp = "webhooks_used_up", 409, "The site has as many webhooks as it may have";
        WebhookOff = "webhook_off", 409, "The webhook is switched off";
        DeliveryUnknown = "delivery_unknown", 404, "There is no such message to the webhook, or not any more";
        // Operators and their API keys.
        AccessMissing = "access_missing", 401, "An API key is needed here";
        AccessWrong = "access_wrong", 401, "The API key is wrong";
        AccessExpired = "access_expired", 401, "The API key has expired";
        AccessRevoked = "access_revoked", 401, "The API key was revoked";
        AccessElsewhere = "access_elsewhere", 403, "The API key may not be used from this network address";
        AccessRefused = "access_refused", 403, "The API key may not do this";
        ApiKeyUnknown = "api_key_unknown", 404, "There is no such API key";
        ApiKeyEnded = "api_key_ended", 409, "The API key was revoked, or has expired";
        ApiKeysUsedUp = "api_keys_used_up", 409, "There are as many API keys as there may be";
        // Passkeys, sessions and invitations.
        PasskeysNeedDomain = "passkeys_need_domain", 403, "Passkeys work where the address has a name, and not by its numbers";
        OriginRefused = "origin_refused", 403, "Nobody signs in from this address";
        SignInRefused = "sign_in_refused", 401, "That passkey signs nobody in";
        CeremonyOver = "ceremony_over", 409, "What the passkey answers was asked for too long ago, or answered already";
        PasskeyRefused = "passkey_refused", 422, "The passkey does not fit";
        CsrfRefused = "csrf_refused", 403, "The request does not come from the page of the session";
        SessionEnded = "session_ended", 401, "The session has ended";
        SessionNeeded = "session_needed", 403, "This is for operators who have signed in, and not for API keys";
        VerificationNeeded = "verification_needed", 403, "Sign out and in again: this needs a passkey that has answered within ten minutes";
        SessionUnknown = "session_unknown", 404, "There is no such session";
        InvitationWrong = "invitation_wrong", 403, "The invitation was taken or revoked, has expired, or is none";
        InvitationUnknown = "invitation_unknown", 404, "There is no such invitation";
        OperatorUnknown = "operator_unknown", 404, "There is no such operator";
        OperatorsUsedUp = "operators_used_up", 409, "There are as many operators and invitations as there may be";
        PasskeyUnknown = "passkey_unknown", 404, "The operator has no such passkey";
        PasskeysUsedUp = "passkeys_used_up", 409, "The operator has as many passkeys as there may be";
        LastPasskey = "last_passkey", 409, "That is the only passkey of the operator";
        LastOwner = "last_owner", 409, "There would be no owner any more";
        // Players.
        StandingUnchanged = "standing_unchanged", 409, "The wallet stands like that already";
        NotesUsedUp = "notes_used_up", 409, "There are as many notes about the wallet as there may be";
        // Payouts.
        RailRuns = "rail_runs", 409, "The rail runs, and might pay it meanwhile: pause it first";
        BatchUnknown = "batch_unknown", 404, "There is no such batch that has not ended";
        WithdrawalBatched = "withdrawal_batched", 409, "The withdrawal is in a batch that has not ended";
        WithdrawalEnded = "withdrawal_ended", 409, "The withdrawal has ended otherwise";
        NotForApproval = "not_for_approval", 409, "The withdrawal does not wait for approval";
        EvidenceMissing = "evidence_missing", 409, "The chain does not say that the transaction has paid this";
        // The emergency stop.
        StoppedByFile = "stopped_by_file", 409, "The configuration stops it, and lets it run again alone";
        // Proposals.
        ProposalUnknown = "proposal_unknown", 404, "There is no such proposal";
        ProposalEnded = "proposal_ended", 409, "The proposal was confirmed or withdrawn, or its time has passed";
        ProposalsUsedUp = "proposals_used_up", 409, "There are as many open proposals as there may be";
        SameOperator = "same_operator", 403, "Another operator has to confirm this";
    }
}
