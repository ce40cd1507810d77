/// What goes wrong on a campus: category and wording.
enum Incidents {
  static let all: [(category: UInt16, text: String)] = [
    (1, "灯管损坏"), (1, "门锁失灵"), (1, "空调不制冷"), (1, "投影仪无信号"), (2, "走廊积水"),
    (2, "垃圾未及时清运"), (3, "消防通道被占用"), (3, "灭火器压力不足"), (4, "学生身体不适"),
    (4, "同学之间发生争执"), (5, "建议延长热水供应时间"), (5, "希望增加自习座位"),
  ]

  static func text(_ position: Int) -> String {
    all.indices.contains(position) ? all[position].text : ""
  }
}
