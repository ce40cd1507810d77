import Campus
import Foundation

/// One event of a batch: CloudEvents 1.0 in JSON, its data a revision of an aggregate.
struct AggregateEvent {
  var id: String
  var source: String
  /// The gateway's watermark, milliseconds UTC.
  var time: Int64
  var observation: Observation
  /// The unit the aggregate belongs to, where the gateway tells it.
  var unit: String?
}

/// What an aggregate was in one window, by its newest revision.
struct Observation: Equatable {
  var aggregate: Aggregate
  var scope: String
  var subject: String
  var grain: String
  var window: Window
  var revision: Int64
  var isFinal: Bool
  var devicesExpected: Int64
  var devicesHeard: Int64
  /// The measures that are numbers; distributions and absent values are left out.
  var measures: [String: Double]

  var isComplete: Bool { devicesHeard >= devicesExpected }

  func value(of measure: String) -> Double? {
    // The counts are the sender's: their difference need not be an integer of 64 bits.
    measure == Aggregate.silence ? max(0, Double(devicesExpected) - Double(devicesHeard)) : measures[measure]
  }
}

extension AggregateEvent {
  private static let typePrefix = "cn.campus.aggregate."
  private static let typeSuffix = ".v1"
  /// Milliseconds UTC of 1970 to 9999, the years that can be written (RFC 3339): what is reckoned with a window's
  /// times stays far from the ends of 64 bits.
  private static let times: ClosedRange<Int64> = 0...253_402_300_799_999

  private static func aggregate(ofType type: String) -> Aggregate? {
    guard type.hasPrefix(typePrefix), type.hasSuffix(typeSuffix) else { return nil }
    return Aggregate(rawValue: String(type.dropFirst(typePrefix.count).dropLast(typeSuffix.count)))
  }

  /// Takes a batch, gives its events; nil for one of a type this contract does not know. Refuses what is not of the
  /// contract.
  static func batch(_ bytes: [UInt8]) throws(DiagnosisError) -> [AggregateEvent?] {
    do {
      return try JSONDecoder().decode([Envelope].self, from: Data(bytes)).map(\.event)
    } catch let error as DecodingError {
      throw Self.refusal(error)
    } catch {
      throw .malformed(event: nil, "\(error)")
    }
  }

  private static func refusal(_ error: DecodingError) -> DiagnosisError {
    let (context, problem) =
      switch error {
      case .keyNotFound(let key, let context): (context, "\(key.stringValue) is missing")
      case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
        (context, context.debugDescription)
      @unknown default: (DecodingError.Context(codingPath: [], debugDescription: ""), "\(error)")
      }
    let path = context.codingPath.dropFirst().map(\.stringValue).joined(separator: ".")
    return .malformed(
      event: context.codingPath.first?.intValue, path.isEmpty ? problem : "\(path): \(problem)")
  }

  /// The JSON as it comes.
  private struct Envelope: Decodable {
    var event: AggregateEvent?

    enum Key: String, CodingKey { case specversion, type, source, id, time, data }

    init(from decoder: any Decoder) throws {
      let values = try decoder.container(keyedBy: Key.self)
      func refuse(_ key: Key, _ problem: String) -> DecodingError {
        .dataCorruptedError(forKey: key, in: values, debugDescription: problem)
      }
      let version = try values.decode(String.self, forKey: .specversion)
      guard version == "1.0" else { throw refuse(.specversion, "“\(version)” is not 1.0") }
      let type = try values.decode(String.self, forKey: .type)
      let id = try values.decode(String.self, forKey: .id)
      let source = try values.decode(String.self, forKey: .source)
      guard !id.isEmpty else { throw refuse(.id, "is empty") }
      guard !source.isEmpty else { throw refuse(.source, "is empty") }
      guard let aggregate = AggregateEvent.aggregate(ofType: type) else { return }
      let text = try values.decode(String.self, forKey: .time)
      let time: Int64
      do { time = try ISO8601.milliseconds(text) } catch { throw refuse(.time, "“\(text)” is not RFC 3339") }
      let data = try values.decode(Content.self, forKey: .data)
      guard data.aggregate == aggregate.rawValue else { throw refuse(.data, "“\(data.aggregate)” is not \(type)") }
      guard data.window.start < data.window.end else { throw refuse(.data, "the window ends before it starts") }
      guard AggregateEvent.times.contains(data.window.start), AggregateEvent.times.contains(data.window.end) else {
        throw refuse(.data, "the window is not between 1970 and 9999: its times are milliseconds UTC")
      }
      let observation = Observation(
        aggregate: aggregate, scope: data.scope, subject: data.id, grain: data.grain, window: data.window,
        revision: data.revision, isFinal: data.final, devicesExpected: data.completeness.devicesExpected,
        devicesHeard: data.completeness.devicesHeard, measures: data.measures.compactMapValues(\.number))
      event = AggregateEvent(id: id, source: source, time: time, observation: observation, unit: data.unit)
    }
  }

  private struct Content: Decodable {
    var aggregate, scope, id, grain: String
    var window: Window
    var revision: Int64
    var final: Bool
    var completeness: Completeness
    var measures: [String: Measure]
    var unit: String?

    struct Completeness: Decodable {
      var devicesExpected, devicesHeard: Int64

      enum CodingKeys: String, CodingKey {
        case devicesExpected = "devices_expected"
        case devicesHeard = "devices_heard"
      }
    }
  }

  /// A number, or something else, which no standard can watch.
  private struct Measure: Decodable {
    var number: Double?

    init(from decoder: any Decoder) throws {
      let value = try decoder.singleValueContainer()
      if value.decodeNil() { return }
      do { number = try value.decode(Double.self) } catch DecodingError.typeMismatch { return }
    }
  }
}
