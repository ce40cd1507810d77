import Ingest

/// Everything that is measured: its name, what it says, and how it is to be read.
enum Metric: String, CaseIterable, Sendable {
  case frames = "campus_gateway_frames_total"
  case readings = "campus_gateway_readings_total"
  case rejections = "campus_gateway_rejections_total"
  case quarantined = "campus_gateway_quarantined_total"
  case commit = "campus_gateway_commit_seconds"
  case publishToCommit = "campus_gateway_publish_to_commit_seconds"
  case batchMessages = "campus_gateway_batch_messages"
  case receipts = "campus_gateway_receipts_total"
  case brokerConnected = "campus_gateway_broker_connected"
  case reconnects = "campus_gateway_reconnects_total"
  case oldestUnacknowledged = "campus_gateway_oldest_unacknowledged_seconds"
  case cursorLag = "campus_gateway_cursor_lag_rows"
  case outboxWaiting = "campus_gateway_outbox_waiting"
  case relayEvents = "campus_gateway_relay_events_total"
  case devices = "campus_gateway_devices"
  case missingFrames = "campus_gateway_missing_frames"
  case quarantineHeld = "campus_gateway_quarantine_held"
  case warningsOpen = "campus_gateway_warnings_open"
  case storeBytes = "campus_gateway_store_bytes"
  case diskFree = "campus_gateway_disk_free_bytes"
  case ready = "campus_gateway_ready"
  case requests = "campus_gateway_http_requests_total"
  case eventStreams = "campus_gateway_event_streams"
  case residentMemory = "process_resident_memory_bytes"
  case processorTime = "process_cpu_seconds_total"
  case startTime = "process_start_time_seconds"

  enum Kind: Sendable, Equatable {
    case counter, gauge
    /// Upper bounds, ascending.
    case histogram([Double])

    var name: String {
      switch self {
      case .counter: "counter"
      case .gauge: "gauge"
      case .histogram: "histogram"
      }
    }
  }

  var kind: Kind {
    switch self {
    case .commit: .histogram(Histogram.microseconds.map { Double($0) / 1e6 })
    case .publishToCommit: .histogram(LatencyHistogram.bounds.map { Double($0) / 1e3 })
    case .batchMessages: .histogram(Histogram.messages.map { Double($0) })
    default: rawValue.hasSuffix("_total") ? .counter : .gauge
    }
  }

  var help: String {
    switch self {
    case .frames: "Messages by how they ended, since the start."
    case .readings: "Readings stored, by kind, since the start."
    case .rejections: "Messages rejected, by reason, since the start."
    case .quarantined: "Messages put into quarantine, since the start."
    case .commit: "Time of a commit, from its beginning until it is on the disk."
    case .publishToCommit: "Time from a frame's being sent, by network-synchronised clocks, until it is on the disk."
    case .batchMessages: "Messages of a commit."
    case .receipts: "Receipts sent to devices, since the start."
    case .brokerConnected: "1 while the broker grants the subscriptions."
    case .reconnects: "Connections to the broker that were lost, since the start."
    case .oldestUnacknowledged: "Age of the oldest message that is not acknowledged; 0 while none waits."
    case .cursorLag: "Rows of the log that a reader of it has yet to pass."
    case .outboxWaiting: "Revisions of aggregates that wait for a diagnosis core."
    case .relayEvents: "Events delivered to a diagnosis core, or refused by it, since the start."
    case .devices: "Devices of the campus: heard lately, silent, or never heard."
    case .missingFrames: "Frames known to be missing, which devices are asked to send again."
    case .quarantineHeld: "Messages held in quarantine."
    case .warningsOpen: "Open warnings by urgency."
    case .storeBytes: "Size of the store's files."
    case .diskFree: "Room left on the store's file system."
    case .ready: "1 while intake and fold make progress."
    case .requests: "Answers given over HTTP, by path and status, since the start."
    case .eventStreams: "Open event streams."
    case .residentMemory: "Memory of the process."
    case .processorTime: "Processor time of the process."
    case .startTime: "When the process started, since 1970."
    }
  }
}
