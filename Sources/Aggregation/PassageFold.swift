import Campus
import DeviceProtocol
import ReadingLog

/// Passages to the flow through gates and to late returns to dormitories.
final class PassageFold {
  private struct Source {
    var fan = Fan()
    var night: Night?
    var nightSlot: Int32 = -1
    var nightGeneration = -1
  }

  private let table: AggregateTable
  private let devices: DeviceTable
  private let attendance: AttendanceFold
  /// By the store's number of the device.
  private var sources: ContiguousArray<Source> = []

  init(_ table: AggregateTable, _ devices: DeviceTable, _ attendance: AttendanceFold) {
    self.table = table
    self.devices = devices
    self.attendance = attendance
  }

  func reset() { sources.removeAll() }

  func pass(_ row: FoldRow) throws(LogError) {
    let position = devices.entries[Int(row.device)].place
    guard position >= 0 else { return }
    let view = attendance.view
    let place = view.places[Int(position)]
    guard place.kind == .gate || place.dormitory >= 0 else { return }
    while sources.count <= Int(row.device) { sources.append(Source()) }
    if place.kind == .gate { try flow(row, place, view, &sources[Int(row.device)]) }
    let isGranted = row.value % 2 == 1
    if place.dormitory >= 0, isGranted, row.value / 2 == 0 { try enter(row, place, view, &sources[Int(row.device)]) }
  }

  private func flow(
    _ row: FoldRow, _ place: CampusView.PlaceEntry, _ view: CampusView, _ source: inout Source
  ) throws(LogError) {
    let bucket = Fan.bucket(of: row.eventTime)
    if !source.fan.holds(bucket, table.generation) {
      let start = bucket * Fan.bucketMilliseconds
      let windows: [(AggregateGrain, Window)] = [
        (.fiveMinutes, Window(start: start, end: start + Fan.bucketMilliseconds)),
        (.hour, view.calendar.hour(at: row.eventTime)), (.day, view.calendar.day(at: row.eventTime).window),
      ]
      var slots: [Int32] = []
      for (grain, window) in windows {
        let slot = try table.slot(.passage, .gate, place.name, grain, window)
        table.slots[Int(slot)].sums[SumsLayout.devicesExpected] = view.devicesBelow[place.name] ?? 0
        table.slots[Int(slot)].hear(Int64(row.device))
        slots.append(slot)
      }
      source.fan = Fan(bucket: bucket, generation: table.generation, slots: slots)
    }
    let measure =
      row.value % 2 == 0
      ? SumsLayout.Gate.refused
      : row.value / 2 == 0
        ? SumsLayout.Gate.inward : row.value / 2 == 1 ? SumsLayout.Gate.outward : SumsLayout.Gate.unknown
    for slot in source.fan.slots { table.add(to: slot) { slot in slot.sums[measure] += 1 } }
  }

  /// Counts an entry of a night, and as a late return one after the curfew.
  private func enter(
    _ row: FoldRow, _ place: CampusView.PlaceEntry, _ view: CampusView, _ source: inout Source
  ) throws(LogError) {
    let night: Night
    if let known = source.night, known.window.contains(row.eventTime), source.nightGeneration == table.generation {
      night = known
    } else {
      night = view.calendar.night(at: row.eventTime, curfewMinutes: view.rules.curfewMinutes)
      let slot = try table.slot(.passage, .dormitory, place.dormitory, .day, night.window)
      let expected = view.devicesBelow[place.dormitory] ?? 0
      let isOther = table.slots[Int(slot)].sums[SumsLayout.devicesExpected] != expected
      table.slots[Int(slot)].sums[SumsLayout.devicesExpected] = expected
      // A night without late returns is known for one, too, and which readers were heard in it.
      if table.slots[Int(slot)].hear(Int64(row.device)) || isOther { table.change(slot) }
      (source.night, source.nightSlot, source.nightGeneration) = (night, slot, table.generation)
    }
    guard night.late.contains(row.eventTime), !table.hasRow(source.nightSlot) else { return }
    let slot = Int(source.nightSlot)
    table.slots[slot].sums[SumsLayout.Dormitory.lateReturns] += 1
    let card = view.card(standingFor: row.token)
    if row.hasSubject, table.slots[slot].cards.insert(card).inserted {
      table.slots[slot].newCards.append(card)
      // The cards of a night long past may have been removed.
      let people = max(table.slots[slot].sums[SumsLayout.Dormitory.peopleLate], Int64(table.slots[slot].cards.count))
      table.slots[slot].sums[SumsLayout.Dormitory.peopleLate] = people
    }
    table.change(source.nightSlot)
  }
}
