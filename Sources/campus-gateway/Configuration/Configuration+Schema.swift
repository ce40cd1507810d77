extension Configuration {
  /// Every key, in the order of the shipped file.
  static let settings: [Setting] = [
    Setting("site_time_zone", .text(\.siteTimeZone, .timeZone)),

    Setting("mqtt.host", .text(\.mqtt.host, .host)),
    Setting("mqtt.port", .integer(\.mqtt.port, ports)),
    Setting("mqtt.client_id", .text(\.mqtt.clientID, .name)),
    Setting("mqtt.username", .optionalText(\.mqtt.username, .name)),
    Setting("mqtt.password_file", .optionalText(\.mqtt.passwordFile, .path)),
    Setting("mqtt.tls.ca", .optionalText(\.mqtt.tls.ca, .path)),
    Setting("mqtt.tls.certificate", .optionalText(\.mqtt.tls.certificate, .path)),
    Setting("mqtt.tls.key", .optionalText(\.mqtt.tls.key, .path)),
    Setting("mqtt.lanes", .integer(\.mqtt.lanes, 1...64)),
    Setting("mqtt.subscriptions", .texts(\.mqtt.subscriptions, .topicFilter)),

    Setting("store.path", .text(\.store.path, .path)),
    Setting("store.retention_days", .integer(\.store.retentionDays, 1...36_500)),
    Setting("store.quarantine_days", .integer(\.store.quarantineDays, 1...36_500)),

    Setting("campus.directory", .text(\.campus.directory, .path)),
    Setting("campus.key_file", .text(\.campus.keyFile, .path)),

    Setting("http.host", .text(\.http.host, .host)),
    Setting("http.port", .integer(\.http.port, 0...65_535)),
    Setting("http.token_file", .optionalText(\.http.tokenFile, .path)),
    Setting("http.tls.certificate", .optionalText(\.http.tls.certificate, .path)),
    Setting("http.tls.key", .optionalText(\.http.tls.key, .path)),

    Setting("aggregation.late_after_minutes", .integer(\.aggregation.lateAfterMinutes, 0...1_440)),
    Setting("aggregation.curfew", .text(\.aggregation.curfew, .timeOfDay)),

    Setting("diagnosis.embedded", .boolean(\.diagnosis.embedded)),
    Setting("diagnosis.standards", .text(\.diagnosis.standards, .path)),
    Setting("diagnosis.url", .optionalText(\.diagnosis.url, .url)),
    Setting("diagnosis.ca", .optionalText(\.diagnosis.ca, .path)),
    Setting("diagnosis.secret_file", .optionalText(\.diagnosis.secretFile, .path)),

    Setting(
      "receipts.minimum_interval_ms",
      .integer(\.receipts.minimumIntervalMilliseconds, 0...3_600_000)),

    Setting("clock.tolerance_ms", .integer(\.clock.toleranceMilliseconds, 0...86_400_000)),

    // The wire contract allows payloads of 16 KiB at most.
    Setting("limits.frame_bytes", .integer(\.limits.frameBytes, 256...16_384)),
    Setting("limits.batch_readings", .integer(\.limits.batchReadings, 1...1_000_000)),
    // While a batch is open nothing is written, neither PINGREQ nor SUBSCRIBE.
    Setting(
      "limits.commit_interval_ms", .integer(\.limits.commitIntervalMilliseconds, 0...5_000)),
    Setting(
      "limits.device_frames_per_second",
      .integer(\.limits.deviceFramesPerSecond, 0...1_000_000)),

    Setting("log.level", .level(\.log.level)),
    Setting("log.format", .format(\.log.format)),
  ]

  /// Keys that stand in each other's need.
  static let companions: [(key: String, companion: String)] = [
    ("mqtt.tls.certificate", "mqtt.tls.key"),
    ("mqtt.tls.key", "mqtt.tls.certificate"),
    ("http.tls.certificate", "http.tls.key"),
    ("http.tls.key", "http.tls.certificate"),
  ]

  private static let ports = 1...65_535

  /// Keys that hold keys, such as `mqtt` and `mqtt.tls`.
  static let sections: Set<String> = Set(
    settings.flatMap { setting in
      let parts = setting.key.split(separator: ".")
      return (1..<max(1, parts.count)).map { parts.prefix($0).joined(separator: ".") }
    })

  /// What may stand in a section, keys and sections; the empty section is the file's top.
  static func names(in section: String) -> [String] {
    let prefix = section.isEmpty ? "" : section + "."
    var names: [String] = []
    for setting in settings where setting.key.hasPrefix(prefix) {
      let name = String(setting.key.dropFirst(prefix.count).prefix { $0 != "." })
      if !names.contains(name) { names.append(name) }
    }
    return names
  }
}
