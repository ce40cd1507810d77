import Campus
import Testing

@testable import campus_simulator

@Suite struct SmallPartsTests {
  @Test func theDiceFallTheSameEverywhere() {
    var dice = Dice(1, .campus, 2, 3, 4)
    var again = Dice(1, .campus, 2, 3, 4)
    var other = Dice(1, .key, 2, 3, 4)
    let first = dice.next()
    #expect(first == again.next())
    #expect(first != other.next())
    for _ in 0..<1_000 {
      #expect((0..<1).contains(dice.unit()))
      #expect((0..<7).contains(dice.below(7)))
    }
  }

  @Test(arguments: [("1970-01-01", 3), ("2026-09-07", 0), ("2024-02-29", 3), ("2026-11-22", 6)])
  func daysKnowTheirWeekday(text: String, weekday: Int) throws {
    let day = try LocalDay(text)
    #expect(day.text == text)
    #expect(day.weekday == weekday)
    #expect(LocalDay.isoText(day.time(8 * 60 + 30)) == text + "T08:30:00+08:00")
  }

  @Test func latenciesAreKnownToAnEighth() {
    var latency = Latency()
    for value: Int64 in 1...1_000 { latency.add(value) }
    #expect(latency.quantile(0.5).map { (500...570).contains($0) } == true)
    #expect(latency.quantile(0.99).map { (990...1_120).contains($0) } == true)
    #expect(Latency().quantile(0.5) == nil)
  }

  @Test func numbersAndTextAreWrittenAsJSON() {
    var text = ByteText()
    text.append(Int64.min)
    text.append(json: "a\"\\\n".utf8)
    #expect(text.string == "-9223372036854775808\"a\\\"\\\\\\u000a\"")
  }

  @Test func topicsFindTheirDevice() {
    let topics = (0..<500).map { Array("campus/v1/main/term-\($0)/down".utf8CString) }
    let table = TopicTable(topics.enumerated().map { ($1, Int32($0)) })
    for (index, topic) in topics.enumerated() { #expect(table.device(topic) == Int32(index)) }
    #expect(table.device(Array("campus/v1/main/term-500/down".utf8CString)) == nil)
  }

  @Test func theWheelForgetsNobody() {
    var wheel = TimerWheel(now: 1_000)
    for device: Int32 in 0..<100 { wheel.add(device, at: 1_000 + Int64(device) * 37) }
    var due: [Int32] = []
    for now in stride(from: Int64(1_000), through: 6_000, by: 10) { wheel.turn(to: now) { due.append($0) } }
    #expect(due.sorted() == Array(0..<100))
  }

  @Test func keysFollowFromTheSeedAndTheName() {
    let name = Device.Name(site: "main", device: "term-1")
    #expect(Keys.derived(seed: 1, name: name) == Keys.derived(seed: 1, name: name))
    #expect(Keys.derived(seed: 1, name: name) != Keys.derived(seed: 2, name: name))
    #expect(Keys.bytes(hex: Keys.hex([0, 171, 255])) == [0, 171, 255])
    #expect(Keys.bytes(hex: "abc") == nil)
  }

  @Test func simulatedTimeIsMovedByWholeWeeksOutOfTheFuture() {
    let clock = SimulatedClock(start: 4_000_000_000_000, speed: 60, seconds: 600, leadIn: 0)
    #expect(clock.shift > 0)
    #expect(clock.shift % LocalDay.weekMilliseconds == 0)
    let end = clock.time(at: clock.beganAt + 600_000)
    #expect(end == 4_000_000_000_000 + 36_000_000)
    #expect(end - clock.shift <= clock.unix(at: clock.beganAt + 600_000))
  }
}
