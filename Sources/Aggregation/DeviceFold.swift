import DeviceProtocol
import ReadingLog

/// Every reading to the health of its device: by hour and by day. A device that said nothing in an hour in which the
/// gateway heard others has an aggregate of zeros: silence is not absence of news.
final class DeviceFold {
  private let table: AggregateTable
  private let devices: DeviceTable
  private let attendance: AttendanceFold
  /// Log time at which the current hour ends.
  private(set) var nextTurn = Int64.min

  private static let greatest: [(StaticString, Int)] = [
    ("backlog", SumsLayout.Device.backlogMost), ("dropped", SumsLayout.Device.droppedMost),
  ]
  /// Boots of which frames are counted in one window.
  private static let bootsCounted = 16

  init(_ table: AggregateTable, _ devices: DeviceTable, _ attendance: AttendanceFold) {
    self.table = table
    self.devices = devices
    self.attendance = attendance
  }

  @inline(__always)
  func take(_ row: FoldRow, _ details: ContiguousArray<UInt8>) throws(LogError) {
    let device = Int(row.device)
    let bucket = Fan.bucket(of: row.eventTime)
    if devices.entries[device].bucket != bucket || devices.entries[device].generation != table.generation {
      try turn(row.device, to: row.eventTime, bucket)
    }
    let hour = devices.entries[device].hourSlot
    let day = devices.entries[device].daySlot
    add(row, details, to: hour)
    add(row, details, to: day)
  }

  @inline(never)
  private func turn(_ device: Int32, to time: Int64, _ bucket: Int64) throws(LogError) {
    let calendar = attendance.view.calendar
    let hour = try slot(device, .hour, calendar.hour(at: time))
    let day = try slot(device, .day, calendar.day(at: time).window)
    devices.entries[Int(device)].bucket = bucket
    devices.entries[Int(device)].generation = table.generation
    devices.entries[Int(device)].hourSlot = hour
    devices.entries[Int(device)].daySlot = day
  }

  private func slot(_ device: Int32, _ grain: AggregateGrain, _ window: Window) throws(LogError) -> Int32 {
    let slot = try table.slot(.device, .device, devices.entries[Int(device)].name, grain, window)
    table.slots[Int(slot)].sums[SumsLayout.devicesExpected] = 1
    return slot
  }

  @inline(__always)
  private func add(_ row: FoldRow, _ details: ContiguousArray<UInt8>, to slot: Int32) {
    table.add(to: slot) { slot in
      slot.sums.withUnsafeMutableBufferPointer { sums in
        sums[SumsLayout.devicesHeard] = 1
        sums[SumsLayout.Device.readings] += 1
        if row.quality == TimeQuality.corrected.rawValue { sums[SumsLayout.Device.corrected] += 1 }
        if row.position == 0 { sums[SumsLayout.Device.frames] += 1 }
      }
      if row.position == 0 { DeviceFold.count(row.boot, Int64(row.seq), in: &slot.pairs) }
      if row.detailBytes > 0 { DeviceFold.status(row, details, in: &slot.sums) }
    }
  }

  /// First and last seq and frames of each boot: what is missing between them is a gap.
  @inline(__always)
  private static func count(_ boot: Int64, _ seq: Int64, in pairs: inout [Int64]) {
    let isKnown = pairs.withUnsafeMutableBufferPointer { pairs in
      var place = 0
      while place < pairs.count {
        if pairs[place] == boot {
          pairs[place + 1] = min(pairs[place + 1], seq)
          pairs[place + 2] = max(pairs[place + 2], seq)
          pairs[place + 3] += 1
          return true
        }
        place += 4
      }
      return false
    }
    guard !isKnown, pairs.count < DeviceFold.bootsCounted * 4 else { return }
    pairs += [boot, seq, seq, 1]
  }

  private static func status(_ row: FoldRow, _ details: ContiguousArray<UInt8>, in sums: inout [Int64]) {
    let start = Int(row.detailStart)
    let range = start..<(start + Int(row.detailBytes))
    if let battery = StatusText.number("battery_mv", in: details, range) {
      let known = sums[SumsLayout.Device.batteryLeast]
      sums[SumsLayout.Device.batteryLeast] = known < 0 ? battery : min(known, battery)
    }
    for (name, index) in DeviceFold.greatest {
      guard let number = StatusText.number(name, in: details, range) else { continue }
      sums[index] = max(sums[index], number)
    }
  }

  // MARK: Silence

  /// At the end of an hour or a day of log time, gives every device of the campus that was silent its zeros.
  func advance(from before: Int64, to now: Int64) throws(LogError) {
    guard now >= nextTurn else { return }
    let calendar = attendance.view.calendar
    nextTurn = calendar.hour(at: now).end
    guard before > 0 else { return }
    // Of the last hour in which something was committed; in others, it was the gateway that was silent.
    let hour = calendar.hour(at: before)
    if hour.end <= now { try fill(.hour, hour) }
    let day = calendar.day(at: before).window
    if day.end <= now { try fill(.day, day) }
  }

  private func fill(_ grain: AggregateGrain, _ window: Window) throws(LogError) {
    for device in devices.entries.indices where devices.entries[device].place >= 0 {
      let slot = try slot(Int32(device), grain, window)
      if table.slots[Int(slot)].revision == 0, !table.slots[Int(slot)].isAhead { table.change(slot) }
    }
  }
}

/// Numbers in the JSON objects that status readings are stored as: written by the gateway, so that their form is known.
enum StatusText {
  /// The non-negative number of a member; nil: it has none, or a greater one than fits.
  static func number(
    _ name: StaticString, in details: ContiguousArray<UInt8>, _ range: Range<Int>
  ) -> Int64? {
    let length = name.utf8CodeUnitCount
    // "name":1
    guard range.count >= length + 4 else { return nil }
    for start in range.lowerBound..<(range.upperBound - length - 3) where details[start] == UInt8(ascii: "\"") {
      guard details[start + length + 1] == UInt8(ascii: "\""), details[start + length + 2] == UInt8(ascii: ":") else {
        continue
      }
      var isSame = true
      for offset in 0..<length where details[start + 1 + offset] != name.utf8Start[offset] {
        isSame = false
        break
      }
      if isSame { return digits(details, (start + length + 3)..<range.upperBound) }
    }
    return nil
  }

  private static func digits(_ details: ContiguousArray<UInt8>, _ range: Range<Int>) -> Int64? {
    var number: Int64?
    for place in range {
      let digit = details[place] &- UInt8(ascii: "0")
      guard digit < 10 else { break }
      let (tens, isOver) = (number ?? 0).multipliedReportingOverflow(by: 10)
      let (sum, isStillOver) = tens.addingReportingOverflow(Int64(digit))
      if isOver || isStillOver { return nil }
      number = sum
    }
    return number
  }
}
