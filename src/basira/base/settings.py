"""Settings of one node: from the environment (``BASIRA_*``) over ``basira.toml`` over the defaults here."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)


class Settings(BaseSettings):
    """Every setting of a node. Documented in both languages in docs/settings.md, which a test keeps complete."""

    model_config = SettingsConfigDict(env_prefix="BASIRA_", toml_file="basira.toml", extra="forbid")

    data_dir: Path = Field(Path("data"), description="Folder of databases, keys and, by default, footage.")
    storage_dir: Path | None = Field(None, description="Folder of footage; data_dir/footage when not set.")
    run_dir: Path | None = Field(
        None, description="Folder of sockets and locks; data_dir/run when not set. Best on a tmpfs."
    )

    # The page
    listen_host: str = Field("127.0.0.1", description="Address the page and the API listen on.")
    listen_port: int = Field(8080, ge=1, le=65535, description="Port the page and the API listen on.")
    tls_certificate: Path | None = Field(None, description="PEM certificate chain; TLS is on when set.")
    tls_key: Path | None = Field(None, description="PEM private key of the certificate.")
    trusted_proxies: list[str] = Field(
        [], description="Addresses of reverse proxies whose X-Forwarded-For and X-Forwarded-Proto are believed."
    )
    session_idle_hours: float = Field(12.0, gt=0, description="A session ends this long after its last use.")
    session_longest_hours: float = Field(24.0, gt=0, description="A session ends this long after it began.")
    site_time_zone: str = Field("Asia/Baghdad", description="IANA time zone the page shows.")

    webhook_loopback: bool = Field(False, description="Whether webhooks may be sent to this machine itself.")

    # Recording
    fragment_target_s: float = Field(0.5, gt=0.05, le=1.0, description="Longest fragment, seconds of media.")
    segment_target_s: float = Field(60.0, ge=2.0, le=600.0, description="Segments close at the next keyframe.")
    sync_interval_s: float = Field(
        1.0, ge=0.0, le=10.0, description="Longest a written fragment waits for fdatasync; 0 syncs each one."
    )
    gap_after_s: float = Field(5.0, gt=0, description="Silence of a stream after which a gap is recorded.")
    retention_days: float = Field(3.0, gt=0, description="Default age at which footage is deleted.")
    disk_floor_bytes: int = Field(2 * 1024**3, ge=0, description="Free space retention keeps on the disk.")
    scrub_bytes_per_s: int = Field(
        8 * 1024**2, ge=0, description="Footage read again each second to verify its hashes; 0 reads none."
    )

    # Analysis
    detector: Literal["nanodet-g"] | Path = Field("nanodet-g", description="Built-in model, or an ONNX file.")
    detector_providers: list[str] = Field(
        ["CPUExecutionProvider"], description="ONNX Runtime execution providers, in order of preference."
    )
    decoder_device: str = Field(
        "", description="What decodes for the analysis: FFmpeg's name of a device, such as cuda; empty: the processor."
    )
    detector_threshold: float = Field(0.4, gt=0, lt=1, description="Lowest score a detection may have.")
    analysis_threads: int = Field(2, ge=1, le=64, description="Cameras analysed at the same time.")
    analysis_late_s: float = Field(
        3.0, ge=0, description="Delay from which on footage is analysed by its keyframes alone; 0: never."
    )
    analysis_behind_s: float = Field(
        60.0, gt=0, description="How far the analysis may be behind the recording before an alarm is raised."
    )

    # Custody
    custody_origin: str | None = Field(
        None, description="Name of this node's log, best an address without scheme; <site>.basira/log when not set."
    )
    custody_policy: Path | None = Field(
        None, description="tlog-policy file that names this log's witnesses and their quorum; none when not set."
    )
    custody_interval_s: float = Field(8.0, ge=0.5, le=10.0, description="How often facts are taken into the log.")
    custody_witness_interval_s: float = Field(
        30.0, ge=1.0, le=60.0, description="How often witnesses are asked to cosign the log."
    )
    custody_listen_host: str = Field("127.0.0.1", description="Address the log is published on, read only.")
    custody_listen_port: int = Field(8081, ge=0, le=65535, description="Port the log is published on.")
    custody_tsa_url: str | None = Field(None, description="RFC 3161 time-stamping authority for evidence bundles.")

    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least severe log line.")

    @property
    def footage_path(self) -> Path:
        return self.storage_dir or self.data_dir / "footage"

    @property
    def run_path(self) -> Path:
        return self.run_dir or self.data_dir / "run"

    @property
    def keys_path(self) -> Path:
        return self.data_dir / "keys"

    @property
    def exports_path(self) -> Path:
        return self.data_dir / "exports"

    @property
    def index_path(self) -> Path:
        return self.data_dir / "index.db"

    @property
    def catalogue_path(self) -> Path:
        return self.data_dir / "catalogue.db"

    @property
    def events_path(self) -> Path:
        return self.data_dir / "events.db"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)
