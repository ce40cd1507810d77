import Foundation

/// Reads what a simulator sent.
enum Ledger {
  /// Each frame once, however often it stands in the file. Frames given up are among them: they may be stored.
  static func readings(file path: String) throws -> [StoredReading] {
    var readings: [StoredReading] = []
    var known: Set<[String]> = []
    for line in try lines(path) {
      let event = try object(line, path)
      guard event["event"] as? String == "frame" else { continue }
      guard let site = event["site"] as? String, let device = event["device"] as? String,
        let epoch = event["epoch"] as? Int, let seq = event["seq"] as? Int,
        let list = event["readings"] as? [[String: Any]]
      else { throw Unreadable("\(path): not a frame: \(line)") }
      guard known.insert([site, device, "\(epoch)", "\(seq)"]).inserted else { continue }
      for (index, members) in list.enumerated() {
        let name = StoredReading.Name(device: "\(site)/\(device)", epoch: epoch, seq: seq, index: index)
        guard let reading = reading(members, name) else { throw Unreadable("\(path): not a reading: \(members)") }
        readings.append(reading)
      }
    }
    return readings
  }

  private static func reading(_ members: [String: Any], _ name: StoredReading.Name) -> StoredReading? {
    guard let kind = members["kind"] as? String, let at = members["at"] as? Int else { return nil }
    // `time` stands beside `at` where the device's clock is wrong.
    var reading = StoredReading(name: name, kind: kind, time: Int64(members["time"] as? Int ?? at))
    reading.card = (members["card"] as? String ?? "").lowercased()
    reading.direction = members["direction"] as? String ?? ""
    reading.isGranted = members["granted"] as? Bool ?? false
    reading.item = members["item"] as? Int ?? 0
    reading.score = members["score"] as? Int ?? 0
    reading.category = members["category"] as? Int ?? 0
    let status = members["status"] as? [String: Any]
    reading.battery = status?["battery_mv"] as? Int
    reading.backlog = status?["backlog"] as? Int
    reading.dropped = status?["dropped"] as? Int
    return reading
  }

  static func lines(_ path: String) throws -> [Substring] {
    guard let data = FileManager.default.contents(atPath: path) else { throw Unreadable("\(path): cannot be read") }
    return String(decoding: data, as: UTF8.self).split(separator: "\n")
  }

  static func object(_ line: Substring, _ path: String) throws -> [String: Any] {
    let value = try? JSONSerialization.jsonObject(with: Data(line.utf8))
    guard let object = value as? [String: Any] else { throw Unreadable("\(path): not an object: \(line)") }
    return object
  }
}

/// Reads which readings the gateway stored and when it says they happened. That is admission's business, proven by
/// `campus-simulator prove`; here it decides only which window a corrected time falls in.
enum Export {
  struct Times {
    var event: Int64
    var received: Int64
    var quality: String?
  }

  static func times(file path: String) throws -> [StoredReading.Name: Times] {
    var times: [StoredReading.Name: Times] = [:]
    for line in try Ledger.lines(path) {
      let row = try Ledger.object(line, path)
      guard let site = row["site"] as? String, let device = row["device"] as? String,
        let epoch = row["epoch"] as? Int, let seq = row["seq"] as? Int, let index = row["index"] as? Int,
        let event = row["event_time"] as? Int, let received = row["received_time"] as? Int
      else { throw Unreadable("\(path): not a reading: \(line)") }
      let name = StoredReading.Name(device: "\(site)/\(device)", epoch: epoch, seq: seq, index: index)
      guard times[name] == nil else { throw Unreadable("\(path): stored twice: \(name)") }
      times[name] = Times(
        event: Int64(event), received: Int64(received), quality: row["time_quality"] as? String)
    }
    return times
  }

  /// Leaves out what is not stored, and gives the others the time they are stored with.
  static func apply(_ stored: [StoredReading.Name: Times], to readings: [StoredReading]) throws -> [StoredReading] {
    let names = Set(readings.map(\.name))
    if let stranger = stored.keys.first(where: { !names.contains($0) }) {
      throw Unreadable("stored, but in no ledger: \(stranger)")
    }
    return readings.compactMap { reading in
      guard let times = stored[reading.name] else { return nil }
      var reading = reading
      reading.time = times.event
      reading.received = times.received
      reading.quality = times.quality
      return reading
    }
  }
}
